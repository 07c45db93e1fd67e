import type { FaultKind, FaultParameterSpec, FaultParameters } from '../../../main/contract/index.ts';

/** A fault as somebody is about to put it on: what stands in the fields, right or not. */
export interface Prepared {
  readonly kind: string;
  /** As typed, by the parameter's name; what is absent is as by default. */
  readonly values: Readonly<Record<string, string>>;
  /** Seconds as typed; `ever`: until somebody ends it. */
  readonly lasts: string;
}

export const EVER = 'ever';
export const DEFAULT_LASTS = '60';
const LASTS = 'for';

const escaped = (text: string): string => text.replace(/[%;=]/g, encodeURIComponent);

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `latency;latencyMs=2000;percent=50;for=30`: what stands in the address. */
export function formatPrepared({ kind, values, lasts }: Prepared): string {
  const parts = Object.entries(values).map(([name, value]) => `${escaped(name)}=${escaped(value)}`);
  return [escaped(kind), ...parts, ...(lasts === DEFAULT_LASTS ? [] : [`${LASTS}=${escaped(lasts)}`])].join(';');
}

/** The other way; null where nothing is prepared. */
export function parsePrepared(text: string | undefined): Prepared | null {
  if (!text) return null;
  const [kind = '', ...parts] = text.split(';');
  const pairs = parts.flatMap((part) => {
    const at = part.indexOf('=');
    return at < 1 ? [] : [[unescaped(part.slice(0, at)), unescaped(part.slice(at + 1))] as const];
  });
  const lasts = pairs.find(([name]) => name === LASTS)?.[1] ?? DEFAULT_LASTS;
  return { kind: unescaped(kind), values: Object.fromEntries(pairs.filter(([name]) => name !== LASTS)), lasts };
}

/** What a parameter's field shows. */
export function shownValue(spec: FaultParameterSpec, { values }: Prepared): string {
  return values[spec.name] ?? (spec.default === null ? '' : String(spec.default));
}

/** What is wrong with a value, as a sentence; null where nothing is. */
export function valueProblem(spec: FaultParameterSpec, value: string): string | null {
  if (spec.type === 'text') return spec.default === null && value.trim() === '' ? `${spec.title} is needed.` : null;
  if (spec.type === 'choice') return spec.choices.includes(value) ? null : `One of ${spec.choices.join(', ')}.`;
  const number = Number(value);
  const fits =
    value.trim() !== '' &&
    Number.isFinite(number) &&
    (spec.type !== 'integer' || Number.isInteger(number)) &&
    number >= (spec.min ?? Number.NEGATIVE_INFINITY) &&
    number <= (spec.max ?? Number.POSITIVE_INFINITY);
  return fits ? null : `${boundsText(spec)}.`;
}

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

/** `A whole number from 0 to 3,600,000 ms` */
export function boundsText(spec: FaultParameterSpec): string {
  const unit = spec.unit === null ? '' : ` ${spec.unit}`;
  const what = spec.type === 'integer' ? 'A whole number' : 'A number';
  const from = spec.min === null ? '' : ` from ${grouped.format(spec.min)}`;
  const to = spec.max === null ? '' : ` to ${grouped.format(spec.max)}`;
  return `${what}${from}${to}${unit}`;
}

const MOST_SECONDS = 86_400;

export function lastsProblem(lasts: string): string | null {
  if (lasts === EVER) return null;
  const seconds = Number(lasts);
  return lasts.trim() !== '' && seconds > 0 && seconds <= MOST_SECONDS
    ? null
    : 'A number of seconds up to 86,400, which is a day.';
}

/** What the engine is asked for; null while something is wrong with it. */
export function requested(
  kind: FaultKind,
  prepared: Prepared,
): { readonly kind: string; readonly parameters: FaultParameters; readonly forSeconds: number | null } | null {
  const isRight = kind.parameters.every((spec) => valueProblem(spec, shownValue(spec, prepared)) === null);
  if (!isRight || (!kind.isMoment && lastsProblem(prepared.lasts) !== null)) return null;
  const parameters: FaultParameters = {};
  for (const spec of kind.parameters) {
    const value = prepared.values[spec.name];
    if (value === undefined) continue;
    parameters[spec.name] = spec.type === 'number' || spec.type === 'integer' ? Number(value) : value;
  }
  // A fault that happens once and is over takes no time; the engine wants one all the same.
  const forSeconds = kind.isMoment ? Number(DEFAULT_LASTS) : prepared.lasts === EVER ? null : Number(prepared.lasts);
  return { kind: kind.kind, parameters, forSeconds };
}
