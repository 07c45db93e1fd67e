import { isDeepStrictEqual } from 'node:util';
import { JSONPath } from 'jsonpath-plus';
import { inTime } from './in-time.ts';
import type { JsonPathTolerance, ProbeTolerance, RangeTolerance, RegexTolerance, Tolerance } from './model.ts';
import { ActivityFailedError } from './providers/activity-failed.ts';
import { substitute, type Variables } from './substitute.ts';

/** How a tolerance judged an output, with the sentence that says why. */
export interface Judgement {
  readonly met: boolean;
  /** `503 is not 200`. */
  readonly reason: string;
}

/** Runs the probe of a tolerance with the value to judge, and gives its output. */
export type RunProbe = (tolerance: ProbeTolerance, value: unknown) => Promise<unknown>;

/**
 * Holds a probe's output against its tolerance, by the rules of Chaos Toolkit: a number or a list is held against the `status`
 * of what HTTP and processes give.
 * https://chaostoolkit.org/reference/tutorials/tolerance/
 */
export async function judge(
  tolerance: Tolerance,
  output: unknown,
  variables: Variables,
  runProbe: RunProbe,
): Promise<Judgement> {
  if (Array.isArray(tolerance)) return judgeList(tolerance, output);
  if (typeof tolerance !== 'object' || tolerance === null) {
    const value = typeof tolerance === 'number' ? statusOf(output) : output;
    const wanted = typeof tolerance === 'string' ? substitute(tolerance, variables) : tolerance;
    return verdict(value === wanted, value, `is ${show(wanted)}`, `is not ${show(wanted)}`);
  }
  const one = tolerance as RegexTolerance | JsonPathTolerance | RangeTolerance | ProbeTolerance;
  switch (one.type) {
    case 'regex':
      return judgeRegex(one, output, variables);
    case 'jsonpath':
      return judgeJsonPath(one, output, variables);
    case 'range':
      return judgeRange(one.range, targetOf(output, one.target));
    case 'probe': {
      const answer = await runProbe(one, output).catch((error: unknown) => {
        if (error instanceof ActivityFailedError) return error;
        throw error;
      });
      if (answer instanceof ActivityFailedError)
        return { met: false, reason: `${one.activity.name} failed: ${answer.message}` };
      return verdict(
        Boolean(answer),
        output,
        `satisfies ${one.activity.name}`,
        `does not satisfy ${one.activity.name}`,
      );
    }
  }
}

function verdict(met: boolean, value: unknown, yes: string, no: string): Judgement {
  return { met, reason: `${show(value)} ${met ? yes : no}` };
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : value;
}

const statusOf = (output: unknown): unknown => fieldOf(output, 'status');
const targetOf = (output: unknown, target: string | null): unknown =>
  target === null ? output : fieldOf(output, target);

/** Two numbers are a range, except for the status of what HTTP and processes give: that is one or the other. */
function judgeList(tolerance: readonly unknown[], output: unknown): Judgement {
  const [low, high] = tolerance;
  const value = statusOf(output);
  if (tolerance.length === 2 && typeof low === 'number' && typeof high === 'number' && value === output)
    return judgeRange([low, high], value);
  const list = tolerance.map(show).join(', ');
  return verdict(tolerance.includes(value), value, `is one of ${list}`, `is none of ${list}`);
}

function judgeRange([low, high]: readonly [number, number], value: unknown): Judgement {
  const number =
    typeof value === 'number' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : Number.NaN;
  if (Number.isNaN(number)) return { met: false, reason: `${show(value)} is no number from ${low} to ${high}` };
  return verdict(
    number >= low && number <= high,
    value,
    `lies from ${low} to ${high}`,
    `does not lie from ${low} to ${high}`,
  );
}

function judgeRegex(tolerance: RegexTolerance, output: unknown, variables: Variables): Judgement {
  const pattern = String(substitute(tolerance.pattern, variables));
  const value = targetOf(output, tolerance.target);
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const found = computed(`the pattern ${pattern}`, () => new RegExp(pattern).test(text));
  if ('problem' in found) return { met: false, reason: found.problem };
  return verdict(found.value, text, `matches ${pattern}`, `does not match ${pattern}`);
}

function judgeJsonPath(tolerance: JsonPathTolerance, output: unknown, variables: Variables): Judgement {
  const path = String(substitute(tolerance.path, variables));
  const value = targetOf(output, tolerance.target);
  // Its filters are evaluated by the library's own little language, never by JavaScript's eval.
  const result = computed(
    `the path ${path}`,
    (): unknown[] => JSONPath({ path, json: parsed(value) as object, eval: 'safe', wrap: true }) ?? [],
  );
  if ('problem' in result) return { met: false, reason: result.problem };
  const found = result.value;
  if (tolerance.expect !== undefined) {
    const wanted = substitute(tolerance.expect, variables);
    const expected = Array.isArray(wanted) ? wanted : [wanted];
    const met = isDeepStrictEqual(found, expected);
    return { met, reason: `${path} gives ${show(found)}${met ? '' : `, not ${show(expected)}`}` };
  }
  const met = tolerance.count === null ? found.length > 0 : found.length === tolerance.count;
  const wanted = tolerance.count === null ? 'something' : `${tolerance.count}`;
  return {
    met,
    reason: `${path} gives ${found.length} ${found.length === 1 ? 'value' : 'values'}${met ? '' : `, not ${wanted}`}`,
  };
}

/** What a pattern of the file gives; one that cannot be evaluated, or not soon, meets nothing. */
function computed<T>(what: string, run: () => T): { readonly value: T } | { readonly problem: string } {
  try {
    return { value: inTime(run) };
  } catch (error) {
    return { problem: `${what} cannot be held against it: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
