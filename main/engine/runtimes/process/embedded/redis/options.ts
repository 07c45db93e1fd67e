import type { StoreOptions } from './store.ts';

const DEFAULT_MAX_MEMORY_BYTES = 256 * 1024 * 1024;
/** Lower-case units of redis.conf: `k` is 1000 bytes, `kb` is 1024. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
};

/** A memory size as redis.conf writes it, in bytes; null when it is none. */
export function parseMemory(text: string): number | null {
  const match = /^(\d+)([kmg]?b?)$/i.exec(text);
  const unit = UNITS[match?.[2]?.toLowerCase() ?? ''];
  const bytes = Number(match?.[1]) * (unit ?? Number.NaN);
  return match && Number.isSafeInteger(bytes) ? bytes : null;
}

/**
 * What the words of a `redis-server` command line ask for that this server does: `--maxmemory SIZE` and
 * `--requirepass TEXT`, with REDIS_PASSWORD of the environment for the latter. Words that it does not know are given back.
 */
export function readOptions(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): { options: StoreOptions; ignored: string[] } {
  let maxMemoryBytes = DEFAULT_MAX_MEMORY_BYTES;
  let password = environment.REDIS_PASSWORD || null;
  const ignored: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (index === 0 && word === 'redis-server') continue;
    const value = words[index + 1];
    const memory = word === '--maxmemory' ? parseMemory(value ?? '') : null;
    if (memory !== null) maxMemoryBytes = memory;
    else if (word === '--requirepass' && value !== undefined) password = value || null;
    else {
      ignored.push(word);
      continue;
    }
    index += 1;
  }
  return { options: { maxMemoryBytes, password }, ignored };
}
