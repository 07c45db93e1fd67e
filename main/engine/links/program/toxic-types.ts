import { httpToxicTypes } from './http/http-toxic-types.ts';
import type { AttributeRule, Attributes, ToxicType } from './toxic.ts';
import { type BandwidthAttributes, BandwidthStage } from './toxics/bandwidth.ts';
import { type LatencyAttributes, LatencyStage } from './toxics/latency.ts';
import { type LimitDataAttributes, LimitDataStage } from './toxics/limit-data.ts';
import { type ResetPeerAttributes, ResetPeerStage } from './toxics/reset-peer.ts';
import { type SlicerAttributes, SlicerStage } from './toxics/slicer.ts';
import { type SlowCloseAttributes, SlowCloseStage } from './toxics/slow-close.ts';
import { type TimeoutAttributes, TimeoutStage } from './toxics/timeout.ts';

const whole: AttributeRule = { initial: 0, min: 0, max: Number.MAX_SAFE_INTEGER };
const as = <T>(attributes: Attributes): T => attributes as unknown as T;

/** Toxiproxy's types and ours for HTTP, by name. */
export const toxicTypes: Readonly<Record<string, ToxicType>> = {
  latency: {
    stream: 'downstream',
    attributes: { latency: whole, jitter: whole },
    stage: ({ attributes }, host, next) => new LatencyStage(host, next, as<LatencyAttributes>(attributes)),
  },
  bandwidth: {
    stream: 'downstream',
    attributes: { rate: whole },
    stage: ({ attributes }, host, next) => new BandwidthStage(host, next, as<BandwidthAttributes>(attributes)),
  },
  slow_close: {
    stream: 'downstream',
    attributes: { delay: whole },
    stage: ({ attributes }, host, next) => new SlowCloseStage(host, next, as<SlowCloseAttributes>(attributes)),
  },
  timeout: {
    stream: 'downstream',
    attributes: { timeout: whole },
    stage: ({ attributes }, host, next) => new TimeoutStage(host, next, as<TimeoutAttributes>(attributes)),
  },
  reset_peer: {
    stream: 'downstream',
    attributes: { timeout: whole },
    stage: ({ attributes }, host, next) => new ResetPeerStage(host, next, as<ResetPeerAttributes>(attributes)),
  },
  slicer: {
    stream: 'downstream',
    attributes: { average_size: whole, size_variation: whole, delay: whole },
    stage: ({ attributes }, host, next) => new SlicerStage(host, next, as<SlicerAttributes>(attributes)),
  },
  limit_data: {
    stream: 'downstream',
    attributes: { bytes: whole },
    stage: ({ attributes }, host, next) => new LimitDataStage(host, next, as<LimitDataAttributes>(attributes)),
  },
  ...httpToxicTypes,
};

function checked(name: string, value: unknown, rule: AttributeRule): number | string {
  if (typeof rule.initial === 'string') {
    if (typeof value !== 'string' && typeof value !== 'number') throw new Error(`attribute ${name} must be a text`);
    const problem = rule.check?.(String(value));
    if (problem) throw new Error(`attribute ${name} ${problem}`);
    return String(value);
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error(`attribute ${name} must be a number`);
  if (!rule.fraction && !Number.isInteger(value)) throw new Error(`attribute ${name} must be a whole number`);
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = rule;
  if (value < min || value > max) throw new Error(`attribute ${name} must be between ${min} and ${max}`);
  return value;
}

/** What is wrong with attributes that are given to a toxic of a type, in a sentence; null where nothing is. */
export function attributesProblem(type: string, given: unknown): string | null {
  const known = toxicTypes[type];
  if (known === undefined) return `there is no toxic of type ${type}`;
  try {
    readAttributes(known, given);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * The attributes of a toxic: what is given over what there was or the type's initial values; unknown names are ignored,
 * as Toxiproxy does.
 * @throws Error with a sentence on the attribute that is wrong
 */
export function readAttributes(type: ToxicType, given: unknown, before?: Attributes): Attributes {
  if (given !== undefined && given !== null && (typeof given !== 'object' || Array.isArray(given))) {
    throw new Error('attributes must be an object');
  }
  const values = (given ?? {}) as Record<string, unknown>;
  const result: Attributes = {};
  for (const [name, rule] of Object.entries(type.attributes)) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    const has = value !== undefined && value !== null;
    result[name] = has ? checked(name, value, rule) : (before?.[name] ?? rule.initial);
  }
  return result;
}
