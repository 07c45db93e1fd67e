/**
 * An experiment in Chaos Toolkit's format (https://chaostoolkit.org/reference/api/experiment/), as a file has it: names and
 * units are the format's own, so that the same file runs there too. Durations are seconds.
 */
export interface Experiment {
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, unknown>>;
  readonly hypothesis: Hypothesis | null;
  readonly method: readonly Step[];
  readonly rollbacks: readonly Step[];
  readonly strategies: Strategies;
  readonly stopConditions: readonly StopCondition[];
  /** The file's own content, for the journal. */
  readonly source: Readonly<Record<string, unknown>>;
}

export interface Hypothesis {
  readonly title: string;
  readonly probes: readonly (Activity & { readonly tolerance: Tolerance })[];
}

/** An activity, or the name of one that stands elsewhere in the file. */
export type Step = Activity | { readonly ref: string };

export interface Activity {
  readonly type: 'probe' | 'action';
  readonly name: string;
  readonly provider: HttpProvider | ProcessProvider;
  readonly tolerance?: Tolerance | undefined;
  readonly background: boolean;
  /** It puts a fault of this engine on: without that the experiment tries nothing. */
  readonly putsFaultOn?: boolean;
  /** A number, or `${name}` of the configuration. */
  readonly pauses: { readonly before: number | string | null; readonly after: number | string | null };
  /** As the file has it, for the journal. */
  readonly source: Readonly<Record<string, unknown>>;
}

export interface HttpProvider {
  readonly type: 'http';
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly arguments: unknown;
  readonly timeout: number | string | null;
  readonly maxRetries: number;
  readonly verifyTls: boolean;
}

export interface ProcessProvider {
  readonly type: 'process';
  readonly path: string;
  readonly arguments: unknown;
  readonly timeout: number | string | null;
}

export type Scalar = string | number | boolean | null;

/** What a probe's output is held against. */
export type Tolerance =
  | Scalar
  | readonly unknown[]
  | RegexTolerance
  | JsonPathTolerance
  | RangeTolerance
  | ProbeTolerance;

export interface RegexTolerance {
  readonly type: 'regex';
  readonly pattern: string;
  readonly target: string | null;
}
export interface JsonPathTolerance {
  readonly type: 'jsonpath';
  readonly path: string;
  readonly target: string | null;
  readonly count: number | null;
  /** Undefined: that something is found is enough. */
  readonly expect: unknown;
}
export interface RangeTolerance {
  readonly type: 'range';
  readonly range: readonly [number, number];
  readonly target: string | null;
}
export interface ProbeTolerance {
  readonly type: 'probe';
  readonly activity: Activity;
}

export const HYPOTHESIS_STRATEGIES = [
  'default',
  'before-method-only',
  'after-method-only',
  'during-method-only',
  'continuously',
  'skip',
] as const;
export type HypothesisStrategy = (typeof HYPOTHESIS_STRATEGIES)[number];

export const ROLLBACK_STRATEGIES = ['default', 'always', 'never', 'deviated'] as const;
export type RollbackStrategy = (typeof ROLLBACK_STRATEGIES)[number];

export interface Strategies {
  readonly hypothesis: HypothesisStrategy;
  readonly rollbacks: RollbackStrategy;
  /** Seconds between two looks at the hypothesis during the method. */
  readonly frequency: number;
  /** Whether a hypothesis that is not met during the method ends it, and from which share of the looks on, in percent. */
  readonly failFast: boolean;
  readonly failFastRatio: number;
}

/**
 * When to break an experiment off: a number of the fleet beyond a bound for a while. Chaos Toolkit has no such thing; it lies
 * in the file under `extensions`, which that ignores.
 */
export interface StopCondition {
  readonly metric: 'error-rate' | 'p95' | 'unhealthy-services';
  /** Null: of the requests that enter the fleet. */
  readonly service: string | null;
  /** A share from 0 to 1, milliseconds, or a count. */
  readonly above: number;
  readonly forSeconds: number;
}
