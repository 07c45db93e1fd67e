import { RedisError } from './reply.ts';

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

export const NOT_INTEGER = 'ERR value is not an integer or out of range';
export const SYNTAX = 'ERR syntax error';

/** A 64-bit integer as Redis reads it: no blanks, no plus, no leading zeros. */
export function toInt64(text: string, message = NOT_INTEGER): bigint {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) throw new RedisError(message);
  const value = BigInt(text);
  if (value < LEAST || value > MOST) throw new RedisError(message);
  return value;
}

export function inInt64(value: bigint): boolean {
  return value >= LEAST && value <= MOST;
}

/** An integer that is an index, count or time here; beyond 2^53 it is out of range. */
export function toInteger(text: string, message = NOT_INTEGER): number {
  const value = Number(toInt64(text, message));
  if (!Number.isSafeInteger(value)) throw new RedisError(message);
  return value;
}

export function toFloat(text: string, message = 'ERR value is not a valid float'): number {
  const special = /^([+-]?)inf(inity)?$/i.exec(text);
  if (special) return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw new RedisError(message);
  return Number(text);
}

/** A float as INCRBYFLOAT stores it: no exponent, no noise in the last digits, no trailing zeros. */
export function formatFloat(value: number): string {
  if (Number.isInteger(value)) return BigInt(value).toString();
  const rounded = Number(value.toPrecision(15));
  const text = String(rounded);
  return text.includes('e') ? rounded.toFixed(17).replace(/\.?0+$/, '') : text;
}

/** The argument at an index; arity was checked before, so that it is there. */
export function arg(args: readonly string[], index: number): string {
  const value = args[index];
  if (value === undefined) throw new RedisError(SYNTAX);
  return value;
}

/** `field value field value`: the arguments from an index on, two by two. */
export function pairs(args: readonly string[], from: number, command: string): [string, string][] {
  const rest = args.slice(from);
  if (rest.length === 0 || rest.length % 2 !== 0) throw wrongArity(command);
  const result: [string, string][] = [];
  for (let index = 0; index < rest.length; index += 2) result.push([arg(rest, index), arg(rest, index + 1)]);
  return result;
}

export function wrongArity(command: string): RedisError {
  return new RedisError(`ERR wrong number of arguments for '${command}' command`);
}
