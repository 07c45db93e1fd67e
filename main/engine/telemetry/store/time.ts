const nsPerMs = 1_000_000n;

/** Epoch nanoseconds as ISO 8601 in UTC: to the millisecond, or as exact as they are. */
export function nsToIso(ns: bigint): string {
  const iso = new Date(Number(ns / nsPerMs)).toISOString();
  const rest = ns % nsPerMs;
  return rest === 0n ? iso : `${iso.slice(0, -1)}${rest.toString().padStart(6, '0').replace(/0+$/, '')}Z`;
}

/** Epoch milliseconds, with a fraction if any, as nanoseconds. */
export function msToNs(ms: number): bigint {
  const whole = Math.floor(ms);
  return BigInt(whole) * nsPerMs + BigInt(Math.round((ms - whole) * 1e6));
}
