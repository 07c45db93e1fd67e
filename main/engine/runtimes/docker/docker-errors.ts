import { FlotillaError } from '../../../contract/index.ts';

interface Thrown {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message?: string;
  readonly json?: unknown;
}

const GONE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EACCES',
  'EPIPE',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** What fits into a sentence on a screen: a build may fail with all that it wrote. */
const LONGEST_WORDS = 1000;

/** The engine's own words on one line, as part of a sentence: without what the library puts before them, and without a full stop. */
export function engineWords(error: unknown): string {
  const { json, message } = (error ?? {}) as Thrown;
  const told = (json as { message?: unknown } | null | undefined)?.message;
  const words = typeof told === 'string' ? told : (message ?? String(error));
  return words
    .trim()
    .replace(/^\(HTTP code \d+\) [^-]*- /i, '')
    .replace(/\s+/g, ' ')
    .replace(/\.$/, '')
    .slice(0, LONGEST_WORDS);
}

export function statusOf(error: unknown): number | null {
  return ((error ?? {}) as Thrown).statusCode ?? null;
}

/** There is no such container, network or volume (any more). */
export const isMissing = (error: unknown): boolean => statusOf(error) === 404;

/** What was asked for is so already. */
export const isAlready = (error: unknown): boolean => statusOf(error) === 304 || statusOf(error) === 409;

/** The engine does not answer, rather than that it refuses. */
export function isGone(error: unknown): boolean {
  if (error instanceof FlotillaError) return error.code === 'RUNTIME_UNAVAILABLE';
  const { statusCode, code, message } = (error ?? {}) as Thrown;
  if (statusCode !== undefined) return false;
  return (code !== undefined && GONE.has(code)) || /socket hang up|premature close|aborted/i.test(message ?? '');
}

export function engineGone(detail: string): FlotillaError {
  const remedy = 'Start the engine again; the fleet goes on by itself once it answers. See: flotilla doctor';
  return new FlotillaError('RUNTIME_UNAVAILABLE', { runtime: 'docker', detail, remedy });
}

/** Any failure of the engine as it is shown: gone, or in its own words. */
export function engineError(error: unknown, what: string): FlotillaError {
  if (error instanceof FlotillaError) return error;
  if (isGone(error)) return engineGone(`its engine does not answer (${engineWords(error)})`);
  return new FlotillaError('CONTAINER_REFUSED', { what, detail: engineWords(error) }, { cause: error });
}

/** What a refusal to start a container means. */
export type StartTrouble =
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'port'; readonly port: number | null }
  | { readonly kind: 'other' };

/** Reads the words of the engine and of the OCI runtime below it: runc, crun. */
export function startTrouble(words: string): StartTrouble {
  const missing =
    /exec:? "([^"]+)":.*?(?:executable file not found|no such file or directory|permission denied|is a directory)/i.exec(
      words,
    ) ?? /(?:executable file|command) `([^`]+)` not found|exec(?:ve)?:? `([^`]+)`.*No such file/i.exec(words);
  if (missing !== null) return { kind: 'command', command: missing[1] ?? missing[2] ?? '' };
  if (/port is already allocated|address already in use|ports are not available|bind: Only one usage/i.test(words)) {
    const port = /(?:\d+\.\d+\.\d+\.\d+|\[?::1?\]?|tcp\d?):(\d{1,5})/.exec(words)?.[1];
    return { kind: 'port', port: port === undefined ? null : Number(port) };
  }
  return { kind: 'other' };
}
