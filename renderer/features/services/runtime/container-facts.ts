/** One check that the container engine made of a container's health. */
export interface HealthCheck {
  readonly startedAt: string;
  readonly exitCode: number;
  readonly output: string;
}

export interface ContainerFacts {
  /** Lines of name and value, for a person. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly outOfMemory: boolean;
  /** The newest first; null where the container has no health check. */
  readonly health: { readonly status: string; readonly failing: number; readonly log: readonly HealthCheck[] } | null;
}

type Json = Readonly<Record<string, unknown>>;

const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** Docker writes this for a moment that has not come. */
const NEVER = /^0001-/;
const SIGNALS: Readonly<Record<number, string>> = {
  130: 'SIGINT',
  134: 'SIGABRT',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
};

function exitWords(code: number, outOfMemory: boolean): string {
  if (outOfMemory) return `${code}, ended by the system: out of memory`;
  const signal = SIGNALS[code];
  return signal ? `${code}, ended by ${signal}` : String(code);
}

function healthOf(state: Json): ContainerFacts['health'] {
  const health = object(state.Health);
  if (typeof health.Status !== 'string' || health.Status === 'none') return null;
  const log = Array.isArray(health.Log) ? health.Log.map(object) : [];
  return {
    status: health.Status,
    failing: Number(health.FailingStreak ?? 0),
    log: log
      .map((one) => ({
        startedAt: text(one.Start),
        exitCode: Number(one.ExitCode ?? 0),
        output: text(one.Output).trim(),
      }))
      .reverse(),
  };
}

/** What stands out of a container's inspection, in the form that Docker's API (1.41 and later) gives it. */
export function containerFacts(inspection: Json): ContainerFacts {
  const state = object(inspection.State);
  const config = object(inspection.Config);
  const outOfMemory = state.OOMKilled === true;
  const ended = typeof state.FinishedAt === 'string' && !NEVER.test(state.FinishedAt);
  const facts: [string, string][] = [
    ['Container', text(inspection.Name).replace(/^\//, '')],
    ['Image', text(config.Image)],
    ['State', text(state.Status)],
    ['Started', text(state.StartedAt).replace(NEVER, '')],
  ];
  if (ended)
    facts.push(['Last ended', text(state.FinishedAt)], ['Exit code', exitWords(Number(state.ExitCode), outOfMemory)]);
  if (text(state.Error) !== '') facts.push(['Error', text(state.Error)]);
  return { facts: facts.filter(([, value]) => value !== ''), outOfMemory, health: healthOf(state) };
}
