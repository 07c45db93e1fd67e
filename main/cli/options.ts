import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from './format.ts';

export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms <= 0) throw new InvalidArgumentError('Give a duration such as 90s, 15m or 1h.');
  return ms;
}

/** A duration of at most so many milliseconds, `named` for people. */
export function durationUpTo(mostMs: number, named: string): (text: string) => number {
  return (text) => {
    const ms = duration(text);
    if (ms > mostMs) throw new InvalidArgumentError(`Give a duration of at most ${named}.`);
    return ms;
  };
}

export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** The stretch of time that a command looks at, ending now. */
export const lastOption = (fallback: string): Option =>
  new Option('--last <duration>', 'the stretch of time to look at, ending now')
    .argParser(duration)
    .default(duration(fallback), fallback);

export const jsonOption = (): Option => new Option('--json', 'print JSON instead of text').default(false);
