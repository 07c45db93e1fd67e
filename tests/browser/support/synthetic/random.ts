/** A number in [0, 1) that depends on nothing but the keys: the same on every machine and in every run. */
export function noise(seed: number, ...keys: readonly (number | string)[]): number {
  let hash = 2166136261 ^ seed;
  for (const key of keys) {
    for (const char of `${key}|`) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619);
  }
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 2246822519);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 3266489917);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 2 ** 32;
}

/** Hex digits that depend on nothing but the keys. */
export function hexOf(digits: number, seed: number, ...keys: readonly (number | string)[]): string {
  let text = '';
  for (let part = 0; text.length < digits; part++) {
    text += Math.floor(noise(seed, 'hex', part, ...keys) * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  }
  return text.slice(0, digits);
}

/** About 1, slowly moving with time and different for each key: what traffic looks like over minutes. */
export function swell(seed: number, key: string, atMs: number): number {
  const phase = noise(seed, key) * Math.PI * 2;
  const minutes = atMs / 60_000;
  return (
    1 +
    0.16 * Math.sin(minutes * 0.9 + phase) +
    0.09 * Math.sin(minutes * 4.1 + phase * 2) +
    0.1 * (noise(seed, key, Math.floor(atMs / 1000)) - 0.5)
  );
}
