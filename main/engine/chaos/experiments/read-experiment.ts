import { isMap, isNode, isSeq, LineCounter, type Node, type ParsedNode, parseDocument, type YAMLError } from 'yaml';
import type { z } from 'zod';
import { type ExperimentProblem, FlotillaError } from '../../../contract/index.ts';
import type { FaultGround } from '../faults/check-request.ts';
import { describeValue } from './describe-value.ts';
import { faultProblems, isFaultAdd } from './fault-problems.ts';
import { foreignValues } from './foreign-values.ts';
import type { Activity, Experiment, Hypothesis, Step, StopCondition, Tolerance } from './model.ts';
import {
  ExperimentSchema,
  type HypothesisSchema,
  type ParsedActivity,
  type ParsedTolerance,
  StepSchema,
  StopConditionSchema,
} from './schema.ts';

type Path = readonly (string | number)[];

export interface ReadExperiment {
  /** Null when there is an error among the problems. */
  readonly experiment: Experiment | null;
  readonly problems: readonly ExperimentProblem[];
}

const MOST_CHARACTERS = 1_000_000;

/**
 * Reads an experiment from JSON or YAML, of which JSON is a part. All that is wrong is told at once, in order of lines; what the
 * fleet that is loaded, if one is, does not have is a warning, as the file may be meant for another.
 */
export function readExperiment(text: string, ground: FaultGround | null = null): ReadExperiment {
  const reading = new Reading(text, ground);
  const experiment = reading.read();
  const problems = [...reading.problems].sort((a, b) => a.line - b.line || a.column - b.column);
  return { experiment: problems.some((one) => one.severity === 'error') ? null : experiment, problems };
}

/** The same for running it. @throws FlotillaError EXPERIMENT_INVALID with the first error */
export function requireExperiment(text: string, file: string): Experiment {
  const { experiment, problems } = readExperiment(text);
  if (experiment !== null) return experiment;
  const first = problems.find((one) => one.severity === 'error');
  const { line = 1, column = 1, detail = 'it cannot be read', expected = 'an experiment' } = first ?? {};
  throw new FlotillaError('EXPERIMENT_INVALID', { file, line, column, detail, expected: expected ?? '' });
}

class Reading {
  readonly problems: ExperimentProblem[] = [];
  readonly #text: string;
  readonly #ground: FaultGround | null;
  readonly #lines = new LineCounter();
  #root: ParsedNode | null = null;

  constructor(text: string, ground: FaultGround | null) {
    this.#text = text;
    this.#ground = ground;
  }

  read(): Experiment | null {
    if (this.#text.length > MOST_CHARACTERS) {
      return this.#fail([], 'the file is too long', `at most ${MOST_CHARACTERS} characters`);
    }
    const document = parseDocument(this.#text, { lineCounter: this.#lines, version: '1.2' });
    for (const error of document.errors) this.#yamlProblem(error);
    if (document.errors.length > 0) return null;
    this.#root = document.contents;
    let source: unknown;
    try {
      source = document.toJS({ maxAliasCount: 100 });
    } catch {
      return this.#fail([], 'its aliases unfold to too much', 'fewer aliases of aliases');
    }
    const parsed = ExperimentSchema.safeParse(source);
    if (!parsed.success) {
      this.#zodProblems(parsed.error, [], source);
      return null;
    }
    return this.#experiment(parsed.data, source as Record<string, unknown>);
  }

  #experiment(parsed: z.output<typeof ExperimentSchema>, source: Record<string, unknown>): Experiment {
    this.#warnOfControls(parsed, []);
    for (const { path, type } of foreignValues(parsed))
      this.#warn([...path, 'type'], `${path.at(-1)} is of type ${type}, which is not looked up here`);
    for (const key of Object.keys(source)) {
      if (!(key in ExperimentSchema.shape)) this.#warn([key], `${key} is not a key of experiments and has no effect`);
    }
    const hypothesis = this.#hypothesis(parsed['steady-state-hypothesis'] ?? null);
    const method = this.#steps(parsed.method ?? [], 'method');
    const rollbacks = this.#steps(parsed.rollbacks ?? [], 'rollbacks');
    this.#checkRefs(hypothesis, method, rollbacks);
    const { hypothesis: how, rollbacks: back } = parsed.runtime;
    return {
      title: parsed.title,
      description: parsed.description,
      tags: parsed.tags,
      configuration: parsed.configuration,
      secrets: parsed.secrets,
      hypothesis,
      method,
      rollbacks,
      strategies: {
        hypothesis: how.strategy,
        rollbacks: back.strategy,
        frequency: how.schedule.continuous_hypothesis_frequency,
        failFast: how.schedule.fail_fast,
        failFastRatio: how.schedule.fail_fast_ratio,
      },
      stopConditions: this.#stopConditions(parsed.extensions),
      source,
    };
  }

  #warnOfControls({ controls }: { controls?: unknown }, path: Path): void {
    if (controls !== undefined) this.#warn([...path, 'controls'], 'controls are Python and are not run here');
  }

  #hypothesis(parsed: z.output<typeof HypothesisSchema> | null): Hypothesis | null {
    if (parsed === null) return null;
    this.#warnOfControls(parsed, ['steady-state-hypothesis']);
    const probes = (parsed.probes ?? []).flatMap((raw, at) => {
      const path = ['steady-state-hypothesis', 'probes', at];
      const activity = this.#activity(raw, path);
      if (activity === null) return [];
      if (activity.tolerance === undefined) {
        this.#fail(path, `the probe ${activity.name} has no tolerance`, 'tolerance: what its output has to be');
        return [];
      }
      return [{ ...activity, tolerance: activity.tolerance }];
    });
    return { title: parsed.title, probes };
  }

  #steps(raw: readonly unknown[], name: string): Step[] {
    return raw.flatMap((one, at): Step[] => {
      const path = [name, at];
      if (typeof one === 'object' && one !== null && 'ref' in one) {
        const ref = StepSchema.ref.safeParse(one);
        if (ref.success) return [ref.data];
        this.#zodProblems(ref.error, path, one);
        return [];
      }
      const activity = this.#activity(one, path);
      return activity === null ? [] : [activity];
    });
  }

  #activity(raw: unknown, path: Path): Activity | null {
    if (this.#isPython(raw, path)) return null;
    const parsed = StepSchema.activity.safeParse(raw);
    if (!parsed.success) {
      this.#zodProblems(parsed.error, path, raw);
      return null;
    }
    this.#warnOfControls(parsed.data, path);
    this.#checkFault(parsed.data, [...path, 'provider', 'arguments']);
    const tolerance = parsed.data.tolerance;
    return {
      ...toActivity(parsed.data, raw as Record<string, unknown>),
      tolerance: tolerance === undefined ? undefined : this.#tolerance(tolerance, [...path, 'tolerance']),
    };
  }

  #checkFault({ provider }: ParsedActivity, path: Path): void {
    if (provider.type !== 'http' || !isFaultAdd(provider.url)) return;
    for (const { path: inner, detail, expected } of faultProblems(provider.arguments, this.#ground)) {
      if (expected === null) this.#warn([...path, ...inner], detail);
      else this.#fail([...path, ...inner], detail, expected);
    }
  }

  /** Refused with its own words: a file for Chaos Toolkit often has it, and says nothing wrong. */
  #isPython(raw: unknown, path: Path): boolean {
    const provider = (raw as { provider?: { type?: unknown } } | null)?.provider;
    if (typeof provider !== 'object' || provider === null || provider.type !== 'python') return false;
    const expected = 'http or process: Flotilla runs no Python; its own faults and probes are http calls';
    this.#fail([...path, 'provider', 'type'], 'the provider is python', expected);
    return true;
  }

  #tolerance(parsed: ParsedTolerance, path: Path): Tolerance {
    if (typeof parsed !== 'object' || Array.isArray(parsed)) return parsed;
    switch (parsed.type) {
      case 'regex':
        this.#checkPattern(parsed.pattern, [...path, 'pattern']);
        return { type: 'regex', pattern: parsed.pattern, target: parsed.target ?? null };
      case 'jsonpath':
        return { ...parsed, target: parsed.target ?? null, count: parsed.count ?? null, expect: parsed.expect };
      case 'range':
        return { type: 'range', range: parsed.range, target: parsed.target ?? null };
      case 'probe': {
        const { name, provider } = parsed;
        const activity = { type: 'probe' as const, name, provider, background: false, controls: undefined };
        return { type: 'probe', activity: toActivity(activity, parsed) };
      }
    }
  }

  #checkPattern(pattern: string, path: Path): void {
    // With variables in it the pattern is known only when it runs.
    if (pattern.includes('${')) return;
    try {
      new RegExp(pattern);
    } catch (error) {
      const detail =
        error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error);
      this.#fail(path, `the pattern is not understood: ${detail}`, 'a regular expression');
    }
  }

  #checkRefs(hypothesis: Hypothesis | null, method: readonly Step[], rollbacks: readonly Step[]): void {
    const names = new Set<string>();
    for (const step of [...(hypothesis?.probes ?? []), ...method, ...rollbacks])
      if ('name' in step) names.add(step.name);
    for (const [list, steps] of Object.entries({ method, rollbacks })) {
      steps.forEach((step, at) => {
        if (!('ref' in step) || names.has(step.ref)) return;
        const known = names.size === 0 ? 'there is none' : [...names].join(', ');
        this.#fail([list, at, 'ref'], `no activity is called ${step.ref}`, `the name of another activity: ${known}`);
      });
    }
  }

  #stopConditions(extensions: readonly { name: string }[]): StopCondition[] {
    const at = extensions.findIndex((one) => one.name === 'flotilla');
    const raw = (extensions[at] as Record<string, unknown> | undefined)?.['stop-conditions'];
    if (raw === undefined) return [];
    const path = ['extensions', at, 'stop-conditions'];
    if (!Array.isArray(raw)) {
      this.#fail(path, 'stop-conditions is no list', 'a list of conditions');
      return [];
    }
    return raw.flatMap((one: unknown, index): StopCondition[] => {
      const parsed = StopConditionSchema.safeParse(one);
      if (!parsed.success) {
        this.#zodProblems(parsed.error, [...path, index], one);
        return [];
      }
      const { metric, service = null, above, for: forSeconds } = parsed.data;
      return [{ metric, service, above, forSeconds }];
    });
  }

  #yamlProblem(error: YAMLError): void {
    const { line, col } = this.#lines.linePos(error.pos[0]);
    // The library's message ends with the lines themselves.
    const detail = (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
    this.problems.push({ line, column: col, path: '', detail, expected: 'valid YAML or JSON', severity: 'error' });
  }

  #zodProblems(error: z.ZodError, prefix: Path, value: unknown): void {
    for (const issue of error.issues.flatMap(innermost)) {
      const path = [...prefix, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
      const found = issue.path.reduce<unknown>(
        (at, part) => (at as Record<PropertyKey, unknown> | null | undefined)?.[part],
        value,
      );
      const name = String(path.at(-1) ?? 'the file');
      const detail = found === undefined ? `${name} is missing` : `${name} is ${describeValue(found)}`;
      this.#fail(path, detail, issue.message);
    }
  }

  #fail(path: Path, detail: string, expected: string): null {
    this.problems.push({ ...this.#place(path), path: path.join('.'), detail, expected, severity: 'error' });
    return null;
  }

  #warn(path: Path, detail: string): void {
    this.problems.push({ ...this.#place(path), path: path.join('.'), detail, expected: null, severity: 'warning' });
  }

  /** Where a value stands; of what is missing, where that stands in which it is missing. */
  #place(path: Path): { line: number; column: number } {
    let node: Node | null = this.#root;
    let offset = this.#root?.range?.[0] ?? 0;
    for (const part of path) {
      const next: unknown = isMap(node) || isSeq(node) ? node.get(part, true) : null;
      if (!isNode(next)) break;
      node = next;
      offset = node.range?.[0] ?? offset;
    }
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

type Issue = z.core.$ZodIssue;

/** Of a choice between forms, the form that was meant: the one that failed deepest. */
function innermost(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const depth = (issues: readonly Issue[]): number => Math.max(...issues.map((one) => one.path.length), 0);
  const [best] = [...issue.errors].sort((a, b) => depth(b) - depth(a));
  if (best === undefined || depth(best) === 0) return [issue];
  return best.flatMap(innermost).map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
}

function toActivity(
  parsed: Omit<ParsedActivity, 'controls'> & { controls?: unknown },
  source: Record<string, unknown>,
): Activity {
  const { provider } = parsed;
  const timeout = Array.isArray(provider.timeout) ? provider.timeout[1] : (provider.timeout ?? null);
  return {
    type: parsed.type,
    name: parsed.name,
    provider:
      provider.type === 'process'
        ? { type: 'process', path: provider.path, arguments: provider.arguments, timeout: timeout ?? null }
        : {
            type: 'http',
            url: provider.url,
            method: provider.method.toUpperCase(),
            headers: provider.headers,
            arguments: provider.arguments,
            timeout: timeout ?? null,
            maxRetries: provider.max_retries,
            verifyTls: provider.verify_tls,
          },
    background: parsed.background,
    pauses: { before: parsed.pauses?.before ?? null, after: parsed.pauses?.after ?? null },
    source,
  };
}
