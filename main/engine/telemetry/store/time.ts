/** Epoch nanoseconds as ISO 8601 in UTC: milliseconds, and as many digits more as are not zero. */
export function isoFromNs(ns: bigint): string {
  const milliseconds = ns / 1_000_000n;
  const text = new Date(Number(milliseconds)).toISOString();
  const rest = Number(ns - milliseconds * 1_000_000n);
  if (rest === 0) return text;
  const digits = String(rest).padStart(6, '0').replace(/0+$/, '');
  return `${text.slice(0, -1)}${digits}Z`;
}

/** Epoch milliseconds, with a fraction if there is one, as nanoseconds. */
export function nsFromMs(ms: number): bigint {
  const whole = Math.floor(ms);
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1_000_000));
}
