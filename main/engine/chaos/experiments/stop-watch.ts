import { setTimeout as delay } from 'node:timers/promises';
import type { Measure, Measurement } from '../../../contract/index.ts';
import type { StopCondition } from './model.ts';
import { conditionText } from './outline.ts';

const EVERY_MS = 1000;
/** How far back a look goes. */
const WINDOW_S = 5;

export type AskMeasure = (measure: Measure, signal: AbortSignal) => Promise<Measurement>;

/**
 * Watches the stop conditions of an experiment until the signal aborts. Resolves with the first that has held for as long as
 * it says, in words; with null when it was told to stop. What cannot be measured is not beyond a bound.
 */
export async function watchStopConditions(
  conditions: readonly StopCondition[],
  ask: AskMeasure,
  signal: AbortSignal,
): Promise<string | null> {
  if (conditions.length === 0) return null;
  const since = new Map<StopCondition, number>();
  while (!signal.aborted) {
    for (const condition of conditions) {
      if (!(await isBeyond(condition, ask, signal))) since.delete(condition);
      else if (!since.has(condition)) since.set(condition, performance.now());
      const began = since.get(condition);
      if (began !== undefined && performance.now() - began >= condition.forSeconds * 1000)
        return `stop condition: ${conditionText(condition)}`;
    }
    await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return null;
}

async function isBeyond(condition: StopCondition, ask: AskMeasure, signal: AbortSignal): Promise<boolean> {
  const { metric, service, above } = condition;
  const measure = {
    metric,
    seconds: WINDOW_S,
    withinSeconds: 0,
    require: false,
    ...(service === null ? {} : { service }),
  };
  const { value } = await ask(measure, signal).catch(() => ({ value: null }));
  return value !== null && value > above;
}
