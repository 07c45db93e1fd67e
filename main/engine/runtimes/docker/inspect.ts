import type Dockerode from 'dockerode';
import { masked } from '../variables.ts';

/** What the engine says of a container. Secrets in its variables, and in addresses anywhere, are masked unless asked for. */
export function maskedInspect(info: Dockerode.ContainerInspectInfo, reveal: boolean): Record<string, unknown> {
  const plain = JSON.parse(JSON.stringify(info)) as Record<string, unknown>;
  return reveal ? plain : (maskAll(plain) as Record<string, unknown>);
}

/** What holds names that people gave, as variables do. */
const NAMED: ReadonlySet<string> = new Set(['Labels', 'Options', 'DriverOpts', 'Annotations', 'StorageOpt', 'Config']);
/** What holds words of commands. */
const WORDS: ReadonlySet<string> = new Set(['Cmd', 'Entrypoint', 'Args', 'Test']);

function maskAll(value: unknown, key = ''): unknown {
  if (Array.isArray(value) && key === 'Env') return value.map(maskAssignment);
  if (Array.isArray(value) && WORDS.has(key)) return maskWords(value);
  if (Array.isArray(value)) return value.map((one) => maskAll(one));
  if (typeof value === 'string') return masked('', value);
  if (value === null || typeof value !== 'object') return value;
  const isNamed = NAMED.has(key);
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      isNamed && typeof one === 'string' ? masked(name, one) : maskAll(one, name),
    ]),
  );
}

/** `--password=x`, `--requirepass x`: an option that is called as what is secret. */
const OPTION = /^(--?[\w.-]*(?:pass|secret|token|credential|api-?key)[\w.-]*)(=.*)?$/is;

function maskWords(words: readonly unknown[]): unknown[] {
  return words.map((word, at) => {
    const [, name, value] = typeof word === 'string' ? (OPTION.exec(word) ?? []) : [];
    if (name !== undefined && value !== undefined) return `${name}=${masked('SECRET', value.slice(1))}`;
    const before = words[at - 1];
    const isValue = typeof before === 'string' && typeof word === 'string' && !word.startsWith('-');
    return isValue && OPTION.exec(before)?.[2] === undefined && OPTION.test(before)
      ? masked('SECRET', word)
      : maskAll(word);
  });
}

function maskAssignment(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const at = value.indexOf('=');
  if (at < 0) return value;
  return `${value.slice(0, at)}=${masked(value.slice(0, at), value.slice(at + 1))}`;
}
