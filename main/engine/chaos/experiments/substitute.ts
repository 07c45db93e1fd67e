/** What `${name}` stands for. */
export type Variables = ReadonlyMap<string, unknown>;

const ONE = /^\$\{([^{}]+)\}$/;
const EACH = /\$\{([^{}]+)\}/g;

/**
 * Replaces `${name}` in all text of a value, however deep. Text that is nothing but one name becomes the value with its type;
 * names that nobody gave a value stay as they are, as Chaos Toolkit has it.
 */
export function substitute(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string') return substituteText(value, variables);
  if (Array.isArray(value)) return value.map((one) => substitute(one, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, substitute(one, variables)]));
}

function substituteText(text: string, variables: Variables): unknown {
  const only = ONE.exec(text)?.[1];
  if (only !== undefined) return variables.has(only) ? variables.get(only) : text;
  return text.replace(EACH, (whole, name: string) => (variables.has(name) ? asText(variables.get(name)) : whole));
}

function asText(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
