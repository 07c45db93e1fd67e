import { arg, SYNTAX, toInteger } from '../arguments.ts';
import { compileGlob } from '../glob.ts';
import { RedisError } from '../reply.ts';

export interface ScanOptions {
  readonly matches: (text: string) => boolean;
  readonly count: number;
  readonly type: string | null;
}

const MOST = 100_000;

/** `MATCH pattern`, `COUNT number`, `TYPE type` from an index on. */
export function scanOptions(args: readonly string[], from: number): ScanOptions {
  let matches = (_: string): boolean => true;
  let count = 10;
  let type: string | null = null;
  for (let index = from; index < args.length; index += 2) {
    const option = arg(args, index).toLowerCase();
    const value = arg(args, index + 1);
    if (option === 'match') matches = compileGlob(value);
    else if (option === 'count') count = toInteger(value);
    else if (option === 'type') type = value.toLowerCase();
    else throw new RedisError(SYNTAX);
  }
  if (count < 1) throw new RedisError(SYNTAX);
  return { matches, count: Math.min(count, MOST), type };
}

/** The cursor of a scan. */
export function scanCursor(text: string): number {
  const cursor = toInteger(text, 'ERR invalid cursor');
  if (cursor < 0) throw new RedisError('ERR invalid cursor');
  return cursor;
}
