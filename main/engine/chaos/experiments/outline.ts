import type { ExperimentCheck, StepOutline } from '../../../contract/index.ts';
import type { FaultGround } from '../faults/check-request.ts';
import { isFaultAdd } from './fault-problems.ts';
import type { Activity, Experiment, Step, StopCondition } from './model.ts';
import { offeredVariables } from './offered-variables.ts';
import { readExperiment } from './read-experiment.ts';

/** What is wrong with an experiment, also for the fleet that is loaded if one is, and what it would do. */
export function checkExperiment(text: string, ground: FaultGround | null = null): ExperimentCheck {
  const { experiment, problems } = readExperiment(text, ground);
  return { problems: [...problems], outline: experiment === null ? null : outlineOf(experiment) };
}

function outlineOf(experiment: Experiment): NonNullable<ExperimentCheck['outline']> {
  const { title, description, tags, hypothesis, method, rollbacks, stopConditions, configuration } = experiment;
  const named = activitiesByName(experiment);
  const steps = (section: StepOutline['section'], list: readonly Step[]): StepOutline[] =>
    list.flatMap((step) => {
      const activity = 'name' in step ? step : named.get(step.ref);
      return activity === undefined ? [] : [stepOutline(section, activity)];
    });
  return {
    title,
    description,
    tags: [...tags],
    hypothesis: hypothesis?.title ?? null,
    steps: [
      ...steps('hypothesis', hypothesis?.probes ?? []),
      ...steps('method', method),
      ...steps('rollbacks', rollbacks),
    ],
    stopConditions: stopConditions.map(conditionText),
    configuration: Object.fromEntries(Object.entries(configuration).map(([key, value]) => [key, valueText(value)])),
    variables: offeredVariables(experiment),
  };
}

/** Activities by their names, which `ref` refers to. */
export function activitiesByName({ hypothesis, method, rollbacks }: Experiment): Map<string, Activity> {
  const all = [...(hypothesis?.probes ?? []), ...method, ...rollbacks];
  return new Map(all.flatMap((step) => ('name' in step ? [[step.name, step] as const] : [])));
}

function stepOutline(section: StepOutline['section'], activity: Activity): StepOutline {
  const { name, type, provider, background } = activity;
  const what = provider.type === 'http' ? `${provider.method} ${provider.url}` : commandLine(provider);
  return { section, name, type, what, background, fault: faultOf(activity) };
}

function commandLine({ path, arguments: args }: { path: string; arguments: unknown }): string {
  if (args === undefined || args === null) return path;
  const words = typeof args === 'string' ? [args] : Array.isArray(args) ? args : Object.entries(args).flat();
  return [path, ...words.map(String)].join(' ');
}

/** `latency orders:payments` where the activity puts a fault of Flotilla's on. */
function faultOf({ provider }: Activity): string | null {
  if (provider.type !== 'http' || !isFaultAdd(provider.url)) return null;
  const { kind, target } = (provider.arguments ?? {}) as { kind?: unknown; target?: Record<string, unknown> };
  if (typeof target !== 'object' || target === null) return String(kind);
  const { from, to, port, service, instance } = target;
  const place = from === undefined ? [service, instance] : [from, to, port];
  return `${kind} ${place.filter((one) => one !== undefined).join(':')}`;
}

/** `the error rate of gateway is above 50 % for 10 s` */
export function conditionText({ metric, service, above, forSeconds }: StopCondition): string {
  const whose = service ?? 'the fleet';
  const what = {
    'error-rate': `the error rate of ${whose} is above ${Number((above * 100).toFixed(2))} %`,
    p95: `the p95 of ${whose} is above ${above} ms`,
    'unhealthy-services':
      service === null ? `more than ${above} services are unhealthy` : `${service} is unhealthy (more than ${above})`,
  }[metric];
  return forSeconds === 0 ? what : `${what} for ${forSeconds} s`;
}

function valueText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { type, key, default: otherwise } = value as { type?: unknown; key?: unknown; default?: unknown };
  if (type !== 'env') return JSON.stringify(value);
  return otherwise === undefined ? `$${key}` : `$${key}, else ${JSON.stringify(otherwise)}`;
}
