import { randomBytes, randomUUID } from 'node:crypto';

/** A random identifier, a UUID v4. */
export function newId(): string {
  return randomUUID();
}

/** A short identifier that people can read aloud, such as `ord-5f3a9c01d2b4`. */
export function newShortId(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}
