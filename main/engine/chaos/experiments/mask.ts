/** Gives a value without what is secret in it, however deep. */
export type Mask = <T>(value: T) => T;

/** Shorter ones would be found in text that has nothing to do with them. */
const SHORTEST = 4;
const MASKED = '***';

/**
 * For what is kept and shown of a run: an output, an error or the file itself may say a secret. One that was encoded in between,
 * as by Base64, is not known again.
 */
export function maskOf(secrets: readonly unknown[]): Mask {
  const texts = secrets.flatMap(textsIn).filter((one) => one.length >= SHORTEST);
  // Longer ones first, as one may be a part of another.
  const sorted = [...new Set(texts)].toSorted((a, b) => b.length - a.length);
  const masked = (value: unknown): unknown => {
    if (typeof value === 'string') return sorted.reduce((text, secret) => text.replaceAll(secret, MASKED), value);
    if (Array.isArray(value)) return value.map(masked);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, masked(one)]));
  };
  return <T>(value: T): T => masked(value) as T;
}

/** A number may be said in text, and what was read from JSON have secrets in it; what only refers to one, with a type, is none. */
function textsIn(secret: unknown): string[] {
  if (typeof secret === 'string' || typeof secret === 'number') return [String(secret)];
  if (typeof secret !== 'object' || secret === null || 'type' in secret) return [];
  return Object.values(secret).flatMap(textsIn);
}
