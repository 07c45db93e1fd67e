import { SYNTAX, toInteger } from '../arguments.ts';
import { RedisError } from '../reply.ts';

/** The options of SET, GETEX and the like that say when a key expires, and how to read their argument. */
const UNITS: Readonly<Record<string, { factor: number; isAbsolute: boolean }>> = {
  ex: { factor: 1000, isAbsolute: false },
  px: { factor: 1, isAbsolute: false },
  exat: { factor: 1000, isAbsolute: true },
  pxat: { factor: 1, isAbsolute: true },
};

export const isExpiryOption = (option: string): boolean => Object.hasOwn(UNITS, option);

/** The moment that `EX 10`, `PXAT 1700000000000` and the like mean, epoch milliseconds. Throws for none above zero. */
export function expiryMoment(option: string, text: string | undefined, command: string): number {
  const unit = UNITS[option];
  if (!unit || text === undefined) throw new RedisError(SYNTAX);
  const amount = toInteger(text) * unit.factor;
  const atMs = unit.isAbsolute ? amount : Date.now() + amount;
  if (amount <= 0 || !Number.isSafeInteger(atMs))
    throw new RedisError(`ERR invalid expire time in '${command}' command`);
  return atMs;
}
