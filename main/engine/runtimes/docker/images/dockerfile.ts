/** The images that a Dockerfile builds upon: those of FROM and of COPY --from that are no stages of its own. */
export function baseImages(dockerfile: string, args: Readonly<Record<string, string>>): string[] {
  const values = new Map<string, string>();
  const stages = new Set<string>();
  const found = new Set<string>();
  const add = (text: string): void => {
    const image = filledIn(text, values);
    const isStage = stages.has(image.toLowerCase()) || /^\d+$/.test(image);
    if (image !== '' && image !== 'scratch' && !isStage) found.add(image);
  };
  for (const line of instructions(dockerfile)) {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/s.exec(line) ?? [];
    switch (word.toUpperCase()) {
      case 'ARG': {
        const [name = '', ...given] = rest.split('=');
        const value = args[name] ?? (given.length > 0 ? filledIn(unquoted(given.join('=').trim()), values) : undefined);
        // Only what stands before the first FROM counts in a FROM.
        if (value !== undefined && stages.size === 0 && found.size === 0) values.set(name.trim(), value);
        break;
      }
      case 'FROM': {
        const words = rest.split(/\s+/).filter((one) => !one.startsWith('--'));
        add(words[0] ?? '');
        const name = words[1]?.toLowerCase() === 'as' ? words[2] : undefined;
        if (name !== undefined) stages.add(name.toLowerCase());
        break;
      }
      case 'COPY':
      case 'ADD': {
        const from = /--from=(\S+)/.exec(rest)?.[1];
        if (from !== undefined) add(from);
        break;
      }
    }
  }
  return [...found];
}

/** Lines without comments, those that end with a backslash joined with the next. */
function instructions(dockerfile: string): string[] {
  const lines = dockerfile.split(/\r?\n/).filter((line) => !/^\s*#/.test(line));
  return lines
    .join('\n')
    .replace(/\\[ \t]*\n/g, ' ')
    .split('\n')
    .map((line) => line.trim());
}

/** `$NAME`, `${NAME}`, `${NAME:-default}`. */
function filledIn(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})/g, (_, plain, braced, otherwise) => {
    return values.get(plain ?? braced) || (otherwise ?? '');
  });
}

const unquoted = (text: string): string => text.replace(/^(["'])(.*)\1$/, '$2');
