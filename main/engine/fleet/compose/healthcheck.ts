import type { ContainerHealthcheck, Healthcheck } from '../model.ts';
import type { ReadContext } from './context.ts';
import { expectBoolean, expectDurationMs, expectName, expectNumber, expectTextList } from './expect.ts';
import { Fields } from './fields.ts';
import { HEALTHCHECK_KEYS } from './keys.ts';
import { invalid } from './place.ts';
import type { Tree } from './tree.ts';

type Test = NonNullable<Healthcheck['test']>;
type Timing = Omit<Healthcheck, 'http' | 'tcp' | 'test'>;

/** Compose's own defaults; while a service starts it is asked at least once a second, as asking is cheap here. */
const COMPOSE_TIMING = { intervalMs: 30_000, timeoutMs: 30_000, retries: 3, startPeriodMs: 0 };
const MOST_START_INTERVAL_MS = 1000;
/** An endpoint made for it can be asked more often than a command. A busy machine may take half a minute to start a service. */
const PROBE_TIMING: Timing = {
  intervalMs: 5000,
  timeoutMs: 3000,
  retries: 3,
  startPeriodMs: 30_000,
  startIntervalMs: 250,
};

const TEST_FORMS = 'a text, or a list that starts with CMD, CMD-SHELL or NONE';

/** Null: NONE, which turns off the check of the image. */
function readTest(tree: Tree): Test | null {
  if (tree.type !== 'list') return { words: [expectName(tree, TEST_FORMS)], shell: true };
  const [form, ...words] = expectTextList(tree, TEST_FORMS);
  if (form === 'NONE') return null;
  if ((form !== 'CMD' && form !== 'CMD-SHELL') || words.length === 0) {
    throw invalid(
      tree.place,
      `test starts with ${form ?? 'nothing'}${words.length === 0 ? ' and ends there' : ''}`,
      TEST_FORMS,
    );
  }
  return form === 'CMD' ? { words, shell: false } : { words: [words.join(' ')], shell: true };
}

/** Null: 0, which leaves it to the default. */
const readRetries = (tree: Tree): number | null => expectNumber(tree, { min: 0, max: 10_000, integer: true }) || null;

/** Reads the keys that both kinds of check have; what is absent is as in `otherwise`. */
function readTiming(
  fields: Fields,
  otherwise: Omit<Timing, 'startIntervalMs'>,
  startIntervalMs: number | null,
): Timing {
  const intervalMs = fields.read('interval', expectDurationMs, otherwise.intervalMs);
  const fallback = startIntervalMs ?? Math.min(intervalMs, MOST_START_INTERVAL_MS);
  return {
    intervalMs,
    timeoutMs: fields.read('timeout', expectDurationMs, otherwise.timeoutMs),
    retries: fields.read('retries', readRetries, null) ?? otherwise.retries,
    startPeriodMs: fields.read('start_period', expectDurationMs, otherwise.startPeriodMs),
    startIntervalMs: fields.read('start_interval', expectDurationMs, fallback),
  };
}

/** A port by its name or number. */
const portName = (tree: Tree): string => expectName(tree, 'the name or number of a port of this service');

/** `x-flotilla.health`. The port's name is checked later, when all ports are known. */
export function readProbe(tree: Tree, timing: Timing | null): Healthcheck {
  const fields = new Fields(tree, 'http: {port, path} or tcp: {port}');
  const http = fields.read(
    'http',
    (value) => {
      const inner = new Fields(value, '{port, path}');
      const port = inner.read('port', portName, null);
      const path = inner.read('path', (text) => expectName(text, 'a path such as /health'), '/');
      inner.refuseRest('health.http');
      if (port === null) throw invalid(value.place, 'health.http has no port', 'port: NAME');
      if (!path.startsWith('/'))
        throw invalid(value.place, `the path ${path} is not absolute`, 'a path such as /health');
      return { port, path };
    },
    null,
  );
  const tcp = fields.read(
    'tcp',
    (value) => {
      const inner = new Fields(value, '{port}');
      const port = inner.read('port', portName, null);
      inner.refuseRest('health.tcp');
      if (port === null) throw invalid(value.place, 'health.tcp has no port', 'port: NAME');
      return { port };
    },
    null,
  );
  const own = readTiming(fields, timing ?? PROBE_TIMING, timing?.startIntervalMs ?? PROBE_TIMING.startIntervalMs);
  fields.refuseRest('health');
  if (http === null && tcp === null) {
    throw invalid(tree.place, 'health does not say what to ask', 'http: {port, path} or tcp: {port}');
  }
  return { http, tcp, test: null, ...own };
}

/**
 * A service's health check: Compose's `healthcheck` and `x-flotilla.health` joined; the latter is asked first and takes
 * its times from the former where it has none. Null when there is none, or when it is switched off.
 */
export function readHealthcheck(compose: Tree | null, probe: Tree | null, context: ReadContext): Healthcheck | null {
  if (compose === null) return probe === null ? null : readProbe(probe, null);
  const fields = new Fields(compose);
  if (fields.read('disable', expectBoolean, false)) return null;
  const test = fields.read('test', readTest, null);
  const timing = readTiming(fields, COMPOSE_TIMING, null);
  fields.warn(HEALTHCHECK_KEYS, context);
  if (probe !== null) return { ...readProbe(probe, timing), test };
  return test === null ? null : { http: null, tcp: null, test, ...timing };
}

/** Compose's `healthcheck` alone, as the container engine is told it. The warnings are `readHealthcheck`'s. */
export function readContainerHealthcheck(tree: Tree): ContainerHealthcheck {
  const fields = new Fields(tree);
  const test = fields.read('test', (value) => ({ read: readTest(value) }), null);
  const durationMs = (key: string) => fields.read(key, expectDurationMs, null);
  return {
    disabled: fields.read('disable', expectBoolean, false) || test?.read === null,
    test: test?.read ?? null,
    intervalMs: durationMs('interval'),
    timeoutMs: durationMs('timeout'),
    retries: fields.read('retries', readRetries, null),
    startPeriodMs: durationMs('start_period'),
    startIntervalMs: durationMs('start_interval'),
  };
}
