import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FaultParameters, FaultTarget } from '../../main/contract/index.ts';
import { catalogue } from '../../main/engine/chaos/index.ts';
import { LinksClient } from '../../main/engine/links/index.ts';
import { findFaketime } from '../../main/engine/runtimes/process/find-faketime.ts';
import { processesWith } from '../support/processes.ts';
import { type Act, FaultsBench, type Outcome, TOPIC, type Where } from './faults-bench.ts';

/** How long something may take on a machine that has much else to do. */
const patient = { timeout: 30_000, interval: 50 };

const edge = { kind: 'edge', from: 'victim', to: 'target' } as const;
const http = { ...edge, port: 7001 } as const;
const tcp = { ...edge, port: 7002 } as const;
const database = { kind: 'edge', from: 'victim', to: 'db' } as const;
const service = (id: string, instance?: number): FaultTarget => ({
  kind: 'service',
  service: id,
  ...(instance === undefined ? {} : { instance }),
});

interface Case {
  readonly kind: string;
  readonly what: string;
  readonly target: FaultTarget;
  readonly parameters?: FaultParameters;
  readonly only?: Where;
  /** Why it cannot be tried on this machine. */
  readonly lacks?: string | null;
  /** Before: gives what `during` and `after` compare with. */
  before?(bench: FaultsBench): Promise<unknown>;
  /** Rejects until the effect is seen. */
  during(bench: FaultsBench, before: unknown): Promise<void>;
  /** Rejects until nothing of it is seen; what holds for all is looked at besides. */
  after?(bench: FaultsBench, before: unknown): Promise<void>;
}

const get = (path: string, more: object = {}): Act => ({ act: 'get', path, ...more });
const one = async (bench: FaultsBench, act: Act): Promise<Outcome> => (await bench.victim(act))[0];
const share = async (bench: FaultsBench): Promise<number> => (await bench.target<{ share: number }>('/cpu')).share;

/** Calls as they are when nothing is wrong. */
async function isWhole(bench: FaultsBench): Promise<void> {
  const [web, echo] = [await one(bench, get('/')), await one(bench, { act: 'tcp' })];
  expect(web).toMatchObject({ status: 200, headers: { 'x-kind': 'answer' } });
  expect(echo).toMatchObject({ bytes: 5 });
  expect(echo.failed).toBeUndefined();
  expect(Math.max(web.ms, echo.ms)).toBeLessThan(250);
}

const onEdges: readonly Case[] = [
  {
    kind: 'latency',
    what: 'answers come that much later',
    target: http,
    parameters: { latencyMs: 400 },
    during: async (bench) => expect((await one(bench, get('/'))).ms).toBeGreaterThanOrEqual(399),
  },
  {
    kind: 'latency',
    what: 'on a share of the connections alone',
    target: http,
    parameters: { latencyMs: 100, percent: 50 },
    during: async (bench) => {
      const slow = (await bench.victim(get('/', { times: 40 }))).filter(({ ms }) => ms >= 99).length;
      // One in 10,000 of such rounds is outside by chance.
      expect(slow).toBeGreaterThan(7);
      expect(slow).toBeLessThan(33);
    },
  },
  {
    kind: 'bandwidth',
    what: 'bytes a second are as many as it says',
    target: http,
    parameters: { rateKBps: 50 },
    during: async (bench) => {
      const { ms, bytes = 0 } = await one(bench, get('/bytes?n=100000', { timeoutMs: 10_000 }));
      expect(bytes).toBe(100_000);
      expect(bytes / ms).toBeLessThan(60);
      expect(bytes / ms).toBeGreaterThan(25);
    },
  },
  {
    kind: 'hang',
    what: 'nothing comes, and the connection stays',
    target: tcp,
    during: async (bench) => {
      const outcome = await one(bench, { act: 'tcp', waitMs: 500 });
      expect(outcome).toMatchObject({ failed: 'LATE', bytes: 0 });
      expect((await one(bench, get('/'))).status).toBe(200);
    },
  },
  {
    kind: 'reset',
    what: 'connections end with ECONNRESET',
    target: edge,
    during: async (bench) => {
      expect(await one(bench, get('/'))).toMatchObject({ failed: 'ECONNRESET' });
      expect(await one(bench, { act: 'tcp' })).toMatchObject({ failed: 'ECONNRESET' });
    },
  },
  {
    kind: 'refuse',
    what: 'connections are refused',
    target: edge,
    during: async (bench) => {
      expect(await one(bench, get('/'))).toMatchObject({ failed: 'ECONNREFUSED' });
      expect(await one(bench, { act: 'tcp', to: 'db' })).toMatchObject({ ms: expect.any(Number) });
    },
  },
  {
    kind: 'refuse',
    what: 'a database is refused as any service is',
    target: database,
    during: async (bench) => {
      expect(await one(bench, { act: 'tcp', to: 'db' })).toMatchObject({ failed: 'ECONNREFUSED' });
      expect((await one(bench, get('/'))).status).toBe(200);
    },
    after: async (bench) => expect((await one(bench, { act: 'tcp', to: 'db' })).failed).toBeUndefined(),
  },
  {
    kind: 'slow-close',
    what: 'the end of a connection comes that much later',
    target: tcp,
    parameters: { delayMs: 600 },
    during: async (bench) => {
      const { ended, ms, firstMs } = await one(bench, { act: 'tcp', send: 'close' });
      expect(ended).toBe(true);
      expect(ms - (firstMs ?? 0)).toBeGreaterThan(500);
    },
    after: async (bench) => expect((await one(bench, { act: 'tcp', send: 'close' })).ms).toBeLessThan(300),
  },
  {
    kind: 'slice',
    what: 'data comes in pieces with pauses',
    target: http,
    parameters: { sizeBytes: 100, delayUs: 10_000 },
    during: async (bench) => {
      const { bytes, chunks = 0, ms } = await one(bench, get('/bytes?n=4000'));
      expect(bytes).toBe(4000);
      expect(chunks).toBeGreaterThan(10);
      expect(ms).toBeGreaterThan(300);
    },
  },
  {
    kind: 'limit-data',
    what: 'a connection ends after so many bytes',
    target: http,
    parameters: { bytes: 1000 },
    during: async (bench) => {
      const { failed, bytes = 0 } = await one(bench, get('/bytes?n=5000'));
      expect(failed).toBeDefined();
      expect(bytes).toBeLessThan(1000);
    },
  },
  {
    kind: 'http-abort',
    what: 'matching requests are answered with an error, others go on',
    target: http,
    parameters: {
      status: 503,
      body: 'no',
      path: '/pay/*',
      method: 'POST',
      header: 'x-user: 4*',
      attribute: 'plan=gold',
    },
    during: async (bench) => {
      const headers = { 'x-user': '42', baggage: 'plan=gold' };
      const hit = get('/pay/1', { method: 'POST', headers });
      expect(await one(bench, hit)).toMatchObject({ status: 503, text: 'no' });
      for (const other of [
        get('/pay/1', { headers }),
        get('/buy/1', { method: 'POST', headers }),
        get('/pay/1', { method: 'POST', headers: { ...headers, 'x-user': '7' } }),
        get('/pay/1', { method: 'POST', headers: { ...headers, baggage: 'plan=free' } }),
      ])
        expect(await one(bench, other)).toMatchObject({ status: 200 });
    },
    after: async (bench) => {
      const headers = { 'x-user': '42', baggage: 'plan=gold' };
      expect(await one(bench, get('/pay/1', { method: 'POST', headers }))).toMatchObject({ status: 200 });
    },
  },
  {
    kind: 'http-delay',
    what: 'matching requests take longer, others do not',
    target: http,
    parameters: { latencyMs: 400, path: '/slow' },
    during: async (bench) => {
      expect((await one(bench, get('/slow'))).ms).toBeGreaterThanOrEqual(399);
      expect((await one(bench, get('/quick'))).ms).toBeLessThan(300);
    },
    after: async (bench) => expect((await one(bench, get('/slow'))).ms).toBeLessThan(300),
  },
  {
    kind: 'http-drop',
    what: 'every nth request is not answered',
    target: http,
    parameters: { nth: 3, mode: 'reset' },
    during: async (bench) => {
      const outcomes = await bench.victim(get('/', { times: 9 }));
      expect(outcomes.filter(({ failed }) => failed === 'ECONNRESET')).toHaveLength(3);
    },
    after: async (bench) => {
      const outcomes = await bench.victim(get('/', { times: 9 }));
      expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(9);
    },
  },
  {
    kind: 'http-header',
    what: 'a header of the answer is another',
    target: http,
    parameters: { name: 'X-Kind', value: 'changed' },
    during: async (bench) => expect((await one(bench, get('/'))).headers).toMatchObject({ 'x-kind': 'changed' }),
  },
  {
    kind: 'http-body',
    what: 'the body of the answer is another',
    target: http,
    parameters: { body: '{"changed":true}', contentType: 'application/json' },
    during: async (bench) =>
      expect(await one(bench, get('/'))).toMatchObject({ status: 200, text: '{"changed":true}' }),
    after: async (bench) => expect((await one(bench, get('/'))).text).toContain('"pid"'),
  },
];

const startOf = async (bench: FaultsBench) => (await bench.instance('target')).startedAt;
const startsAnew = async (bench: FaultsBench, before: unknown): Promise<void> => {
  const { startedAt, state } = await bench.instance('target');
  expect(state).toBe('running');
  expect(startedAt).not.toBe(before);
};
const noFaketime = findFaketime() === null ? 'libfaketime is not installed: apt-get install faketime' : null;
const HOUR_MS = 3_600_000;

/** What the victim is told of the target's clock. */
async function clockOf(bench: FaultsBench): Promise<{ aheadMs: number; pid: number }> {
  const { status, text = '' } = await one(bench, get('/'));
  expect(status).toBe(200);
  const { now, pid } = JSON.parse(text);
  return { aheadMs: now - Date.now(), pid };
}
const isAhead = async (bench: FaultsBench, ms: number): Promise<void> =>
  expect(Math.abs((await clockOf(bench)).aheadMs - ms)).toBeLessThan(10_000);

async function databaseBehindMs(bench: FaultsBench): Promise<number> {
  const [row] = await bench.postgres<{ ms: number }>(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms',
  );
  return Date.now() - Number(row?.ms);
}

const twins = async (bench: FaultsBench): Promise<readonly string[]> =>
  (await bench.service('twins')).instances.map(({ state }) => state).toSorted();

const onServices: readonly Case[] = [
  {
    kind: 'kill',
    what: 'it ends at once, and its restart policy brings it back',
    target: service('target'),
    before: startOf,
    during: startsAnew,
  },
  {
    kind: 'restart',
    what: 'it ends and is started again',
    target: service('target'),
    before: startOf,
    during: startsAnew,
  },
  {
    kind: 'stop',
    what: 'it is gone until the fault ends, and nobody calls that a stop of their own',
    target: service('target'),
    during: async (bench) => {
      expect((await one(bench, get('/'))).failed).toBeDefined();
      expect(await bench.service('target')).toMatchObject({ state: 'stopped', reason: expect.stringMatching(/fault/) });
    },
    after: async (bench) => expect(await bench.service('target')).toMatchObject({ state: 'running', reason: null }),
  },
  {
    kind: 'pause',
    what: 'connections stay open and nothing is answered',
    target: service('target'),
    during: async (bench) => {
      expect(await one(bench, get('/', { timeoutMs: 500 }))).toMatchObject({ failed: 'LATE' });
      expect((await bench.service('target')).state).toBe('paused');
    },
  },
  {
    kind: 'pause',
    what: 'one copy of two, the other goes on',
    target: service('twins'),
    parameters: { copies: 1 },
    during: async (bench) => {
      expect(await twins(bench)).toEqual(['paused', 'running']);
      const outcomes = await bench.victim(get('/', { to: 'twins', times: 4, timeoutMs: 300 }));
      expect(outcomes.filter(({ failed }) => failed === 'LATE')).toHaveLength(2);
    },
    after: async (bench) => expect(await twins(bench)).toEqual(['running', 'running']),
  },
  {
    kind: 'cpu-pressure',
    what: 'it gets less of the processor',
    target: service('target'),
    parameters: { workers: 12 },
    before: share,
    during: async (bench) => expect(await share(bench)).toBeLessThan(0.4),
    after: async (bench, before) => expect(await share(bench)).toBeGreaterThan(Math.min(0.4, Number(before) / 2)),
  },
  {
    kind: 'memory-pressure',
    what: 'its container has that much less memory left',
    target: service('target'),
    parameters: { megabytes: 300 },
    only: 'docker',
    before: async (bench) => (await bench.target<{ bytes: number }>('/used')).bytes,
    during: async (bench, before) =>
      expect((await bench.target<{ bytes: number }>('/used')).bytes - Number(before)).toBeGreaterThan(250e6),
    after: async (bench, before) =>
      expect((await bench.target<{ bytes: number }>('/used')).bytes - Number(before)).toBeLessThan(100e6),
  },
  {
    kind: 'memory-pressure',
    what: 'its machine has that much less memory left',
    target: service('target'),
    parameters: { megabytes: 300 },
    only: 'process',
    during: async (bench) => expect(await pressureBytes(bench)).toBeGreaterThan(300e6),
    after: async (bench) => expect(await pressureBytes(bench)).toBe(0),
  },
  {
    kind: 'cpu-limit',
    what: 'it gets no more of a core than that',
    target: service('target'),
    parameters: { cpus: 0.15 },
    before: share,
    during: async (bench) => expect(await share(bench)).toBeLessThan(0.35),
    after: async (bench, before) => expect(await share(bench)).toBeGreaterThan(Math.min(0.35, Number(before) / 2)),
  },
  {
    kind: 'memory-limit',
    what: 'it is ended when it wants more, told as such, and may have it again afterwards',
    target: service('target'),
    parameters: { megabytes: 120 },
    during: async (bench) => {
      const { startedAt } = await bench.instance('target');
      for (let n = 0; n < 12; n += 1) await bench.target('/memory').catch(() => undefined);
      await vi.waitFor(async () => expect((await bench.instance('target')).startedAt).not.toBe(startedAt), patient);
      const { marks } = await (await bench.client()).call('engine.state', undefined);
      expect(marks.filter(({ kind }) => kind === 'exit').at(-1)?.text).toMatch(/memory/);
    },
    after: async (bench) => {
      for (let n = 0; n < 12; n += 1) await bench.target('/memory');
    },
  },
  {
    kind: 'disconnect',
    what: 'nobody reaches it, and it has its names again afterwards',
    target: service('target'),
    before: async (bench) => (await one(bench, get('/', { url: 'http://goal:7001' }))).status,
    during: async (bench, before) => {
      expect(before).toBe(200);
      expect((await one(bench, get('/', { url: 'http://goal:7001', timeoutMs: 500 }))).failed).toBeDefined();
      expect((await one(bench, get('/', { timeoutMs: 500 }))).failed).toBeDefined();
    },
    after: async (bench) => {
      for (const name of ['goal', 'target'])
        expect(await one(bench, get('/', { url: `http://${name}:7001` }))).toMatchObject({ status: 200 });
    },
  },
  {
    kind: 'clock-offset',
    what: 'its clock is an hour ahead, and its timers fire as ever',
    target: service('target'),
    parameters: { offsetSeconds: 3600 },
    lacks: noFaketime,
    before: async (bench) => (await clockOf(bench)).pid,
    during: async (bench, before) => {
      await isAhead(bench, HOUR_MS);
      expect((await clockOf(bench)).pid).not.toBe(before);
      const { status, ms } = await one(bench, get('/later'));
      expect(status).toBe(200);
      expect(ms).toBeGreaterThanOrEqual(99);
      expect(ms).toBeLessThan(1000);
    },
    after: (bench) => isAhead(bench, 0),
  },
  {
    kind: 'clock-offset',
    what: 'a database is three days behind, and has lost nothing',
    target: service('db'),
    parameters: { offsetSeconds: -3 * 86_400 },
    only: 'process',
    lacks: noFaketime,
    during: async (bench) => expect(await databaseBehindMs(bench)).toBeCloseTo(3 * 24 * HOUR_MS, -5),
    after: async (bench) => {
      expect(await databaseBehindMs(bench)).toBeCloseTo(0, -5);
      await locked(bench, 'stock');
    },
  },
];

/** What programs of pressure hold: of this fleet, as another one may be tested on the machine. */
async function pressureBytes({ added }: FaultsBench): Promise<number> {
  const found = await processesWith(new Set([...added].map((id) => `FLOTILLA_FAULT=flotilla-fault-${id}`)));
  const pages = await Promise.all(
    found.map(async ({ pid }) =>
      Number((await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '0 0')).split(' ')[1]),
    ),
  );
  return pages.reduce((sum, one) => sum + one * 4096, 0);
}

const locked = (bench: FaultsBench, table: string) =>
  bench.postgres(`SET lock_timeout = 300; SELECT count(*) FROM ${table}`);

const inStores: readonly Case[] = [
  {
    kind: 'postgres-connections',
    what: 'whoever asks gets no connection',
    target: service('db'),
    during: (bench) => expect(bench.postgres('SELECT 1')).rejects.toMatchObject({ code: '53300' }),
    after: async (bench) => expect(await bench.postgres('SELECT 1 AS one')).toEqual([{ one: 1 }]),
  },
  {
    kind: 'postgres-lock',
    what: 'statements on the table wait, those on others do not',
    target: service('db'),
    parameters: { database: 'postgres', table: 'stock' },
    during: async (bench) => {
      await expect(locked(bench, 'stock')).rejects.toMatchObject({ code: '55P03' });
      await locked(bench, 'other');
    },
    after: async (bench) => void (await locked(bench, 'stock')),
  },
  {
    kind: 'kafka-flood',
    what: 'messages come at its rate, and end with it',
    target: service('broker'),
    parameters: { topic: TOPIC, messagesPerSecond: 2000, sizeBytes: 100 },
    during: async (bench) => {
      const [began, before] = [performance.now(), await bench.messages()];
      await vi.waitFor(async () => expect((await bench.messages()) - before).toBeGreaterThan(2000), patient);
      const perSecond = ((await bench.messages()) - before) / ((performance.now() - began) / 1000);
      expect(perSecond).toBeGreaterThan(500);
      expect(perSecond).toBeLessThan(4000);
    },
    after: async (bench) => {
      const before = await bench.messages();
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await bench.messages()).toBe(before);
    },
  },
  {
    kind: 'redis-expire',
    what: 'keys that match are gone, others are not',
    target: service('cache'),
    parameters: { pattern: 'cart:*' },
    before: (bench) =>
      bench.redis(async (redis) => {
        await redis.mset(Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`cart:${n}`, 'full'])));
        await redis.set('user:1', 'there');
      }),
    during: (bench) =>
      bench.redis(async (redis) => expect([await redis.dbsize(), await redis.get('user:1')]).toEqual([1, 'there'])),
  },
];

/** Those that last. */
const STORE_FAULTS = ['postgres-connections', 'postgres-lock', 'kafka-flood'];

const cases: readonly Case[] = [...onEdges, ...onServices, ...inStores];

/** Every fault of the catalogue on one runtime, from its victim's side; and whatever dies meanwhile. */
export function faultsSuite(where: Where): void {
  let bench: FaultsBench;
  beforeAll(async () => {
    bench = await FaultsBench.start(where);
    await bench.furnish();
  });
  afterAll(() => bench?.close());
  afterEach(async () => {
    const client = await bench.client();
    // What is left of one test must not fail all that follow.
    await client.call('fault.stop', undefined).finally(() => client.call('fault.release', undefined));
  });

  const offered = catalogue.filter(({ runtimes }) => runtimes[where] === null).map(({ kind }) => kind);
  const mine = cases.filter(({ kind, only }) => offered.includes(kind) && (only ?? where) === where);

  test('every fault that this runtime offers is among these', () => {
    expect(new Set(mine.map(({ kind }) => kind))).toEqual(new Set(offered));
  });

  describe.each(mine.map((one) => [`${one.kind}: ${one.what}`, one] as const))('%s', (_name, given) => {
    test('and is gone without a trace', async (context) => {
      if (given.lacks) context.skip(given.lacks);
      await vi.waitFor(() => isWhole(bench), patient);
      const before = await given.before?.(bench);
      const fault = await bench.add(given.kind, given.target, { parameters: given.parameters ?? {} });
      await vi.waitFor(() => given.during(bench, before), patient);
      const isMoment = catalogue.find(({ kind }) => kind === given.kind)?.isMoment;
      if (isMoment !== true) await bench.remove(fault);
      await vi.waitFor(async () => given.after?.(bench, before), patient);
      await vi.waitFor(() => isWhole(bench), patient);
      expect(await bench.faults()).toEqual([]);
    });
  });

  const refused = catalogue.filter(({ runtimes }) => runtimes[where] !== null);
  test.each(refused.map((one) => [one.kind, one] as const))('%s is refused with the reason', async (kind, given) => {
    await expect(bench.add(kind, service('target'))).rejects.toMatchObject({
      code: 'FAULT_IMPOSSIBLE',
      remedy: given.runtimes[where],
    });
  });

  test.each([
    ['latency', { kind: 'edge', from: 'victim', to: 'nobody' }, {}, 'FAULT_TARGET', 'victim->target'],
    ['latency', { kind: 'edge', from: 'target', to: 'victim' }, {}, 'FAULT_TARGET', 'victim->db'],
    ['latency', edge, { latencyMs: 1e9 }, 'FAULT_PARAMETER', '0 to 3600000 ms'],
    ['http-abort', edge, { path: '~(' }, 'FAULT_PARAMETER', 'regular expression'],
    ['pause', service('twins', 3), {}, 'FAULT_TARGET', 'twins-1, twins-2'],
    ['postgres-lock', service('db'), { database: 'postgres', table: 'none' }, 'FAULT_PARAMETER', 'other, stock'],
    ['postgres-lock', service('db'), { database: 'none', table: 'stock' }, 'FAULT_PARAMETER', 'postgres'],
    ['kafka-flood', service('broker'), { topic: 'none' }, 'KAFKA_TOPIC_UNKNOWN', TOPIC],
  ] as const)('%s on %j with %j is %s', async (kind, target, parameters, code, words) => {
    for (const call of ['fault.preview', 'fault.add'] as const) {
      const asked = (await bench.client()).call(call, { kind, target, parameters });
      await expect(asked).rejects.toMatchObject({ code });
      await expect(asked).rejects.toSatisfy((error: Error & { remedy: string }) =>
        `${error.message} ${error.remedy}`.includes(words),
      );
    }
    expect(await bench.faults()).toEqual([]);
  });

  test('ends by itself at its time', async () => {
    const { since, until } = await bench.add('latency', http, { parameters: { latencyMs: 300 }, forSeconds: 1 });
    expect(Date.parse(until ?? '') - Date.parse(since)).toBe(1000);
    await vi.waitFor(async () => expect(await bench.faults()).toEqual([]), patient);
    await isWhole(bench);
  });

  test('says before what it would touch', async () => {
    const preview = await (await bench.client()).call('fault.preview', {
      kind: 'pause',
      target: service('twins'),
      parameters: { copies: 1 },
      forSeconds: 30,
    });
    expect(preview).toMatchObject({ services: ['twins'], share: 0.5 });
    expect(preview.summary).toContain('1 of 2 copies of twins, for 30 s');
    expect(await bench.faults()).toEqual([]);
  });

  test('two on the same thing: it is well again when the last has ended', async () => {
    const first = await bench.add('refuse', edge);
    const second = await bench.add('refuse', http);
    const third = await bench.add('pause', service('target'));
    const fourth = await bench.add('pause', service('target', 1));
    await bench.remove(first);
    await bench.remove(third);
    expect(await one(bench, get('/'))).toMatchObject({ failed: 'ECONNREFUSED' });
    // What is told comes a moment after what is done.
    await vi.waitFor(async () => expect((await bench.service('target')).state).toBe('paused'), patient);
    await bench.remove(second);
    await bench.remove(fourth);
    await vi.waitFor(() => isWhole(bench), patient);
  });

  const lasting = ['latency', 'cpu-pressure', 'memory-pressure', 'cpu-limit', 'disconnect', ...STORE_FAULTS];
  test.each(mine.filter(({ kind }) => lasting.includes(kind)).map((one) => [`${one.kind}: ${one.what}`, one] as const))(
    '%s: so it does again when its target was killed meanwhile',
    async (_name, given) => {
      const id = given.target.kind === 'service' ? given.target.service : given.target.to;
      await vi.waitFor(() => isWhole(bench), patient);
      const before = await given.before?.(bench);
      const { startedAt } = await bench.instance(id);
      const fault = await bench.add(given.kind, given.target, { parameters: given.parameters ?? {}, forSeconds: null });
      await vi.waitFor(() => given.during(bench, before), patient);
      await (await bench.client()).call('service.act', { service: id as never, action: 'kill' });
      await vi.waitFor(async () => {
        const { startedAt: again } = await bench.instance(id);
        expect([again, again === startedAt]).toEqual([expect.any(String), false]);
      }, patient);
      await vi.waitFor(() => given.during(bench, before), patient);
      await vi.waitFor(async () => expect(await bench.faults()).toMatchObject([{ state: 'active' }]), patient);
      await bench.remove(fault);
      await vi.waitFor(async () => given.after?.(bench, before), patient);
      await vi.waitFor(() => isWhole(bench), patient);
      expect(await bench.faults()).toEqual([]);
    },
  );

  test('a target that starts anew has its fault again', async () => {
    const before = await startOf(bench);
    const fault = await bench.add('pause', service('target'));
    await (await bench.client()).call('service.act', { service: 'target' as never, action: 'kill' });
    await vi.waitFor(async () => {
      expect(await bench.instance('target')).toMatchObject({
        state: 'paused',
        startedAt: expect.not.stringMatching(String(before)),
      });
    }, patient);
    await bench.remove(fault);
    await vi.waitFor(() => isWhole(bench), patient);
  });

  if (where === 'process') {
    test('a clock that is moved stays so over a restart, and is right again after the engine died', async (context) => {
      if (noFaketime !== null) context.skip(noFaketime);
      const forSeconds = null;
      const first = await bench.add('clock-offset', service('target'), {
        parameters: { offsetSeconds: 60 },
        forSeconds,
      });
      await bench.add('clock-offset', service('target'), { parameters: { offsetSeconds: -3600 }, forSeconds });
      await bench.remove(first);
      await vi.waitFor(() => isAhead(bench, -HOUR_MS), patient);
      const before = await clockOf(bench);
      expect(existsSync(`/dev/shm/faketime_shm_${before.pid}`)).toBe(true);
      await (await bench.client()).call('service.act', { service: 'target' as never, action: 'kill' });
      await vi.waitFor(async () => expect((await clockOf(bench)).pid).not.toBe(before.pid), patient);
      await isAhead(bench, -HOUR_MS);
      const { client, endpoint } = await bench.flotilla.engine();
      client.close();
      process.kill(endpoint.pid, 'SIGKILL');
      const { pid } = await clockOf(bench);
      // It finds the target as it is restarted, which was restarted more often here than a crash loop that is given up.
      await bench.up();
      await vi.waitFor(() => isAhead(bench, 0), patient);
      expect((await clockOf(bench)).pid).not.toBe(pid);
      await allIsWell();
      for (const one of [before.pid, pid]) expect(existsSync(`/dev/shm/faketime_shm_${one}`)).toBe(false);
    });
  }

  /** Faults of every sort at once, that end by nobody's clock. */
  const many = async (): Promise<void> => {
    const forSeconds = null;
    await bench.add('latency', http, { parameters: { latencyMs: 500 }, forSeconds });
    await bench.add('refuse', database, { forSeconds });
    await bench.add('cpu-pressure', service('target'), { parameters: { loadPercent: 20 }, forSeconds });
    await bench.add('postgres-lock', service('db'), {
      parameters: { database: 'postgres', table: 'stock' },
      forSeconds,
    });
    if (where === 'docker') await bench.add('cpu-limit', service('target'), { parameters: { cpus: 0.5 }, forSeconds });
    if (where === 'docker') await bench.add('disconnect', service('twins', 1), { forSeconds });
    await bench.add('pause', service('target'), { forSeconds });
    await bench.add('stop', service('twins', 2), { forSeconds });
  };
  const allIsWell = async (): Promise<void> => {
    await vi.waitFor(async () => expect(await bench.faults()).toEqual([]), patient);
    await vi.waitFor(() => isWhole(bench), patient);
    expect((await one(bench, { act: 'tcp', to: 'db' })).failed).toBeUndefined();
    await locked(bench, 'stock');
    await vi.waitFor(async () => expect(await twins(bench)).toEqual(['running', 'running']), patient);
    await vi.waitFor(async () => {
      const outcomes = await bench.victim(get('/', { to: 'twins', times: 4 }));
      expect(outcomes.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    }, patient);
    const { entries } = JSON.parse(await readFile(`${bench.flotilla.home}/faults.json`, 'utf8'));
    expect(entries).toEqual([]);
    if (where === 'process') expect(await pressureBytes(bench)).toBe(0);
  };

  test('the engine dies during faults: the next one takes them off', async () => {
    await many();
    const { client, endpoint } = await bench.flotilla.engine();
    client.close();
    process.kill(endpoint.pid, 'SIGKILL');
    await bench.up();
    await allIsWell();
  });

  test('the engine dies: what has a time to live on an edge ends without it', async () => {
    await bench.add('latency', http, { parameters: { latencyMs: 500 }, forSeconds: 2 });
    await bench.add('refuse', database, { forSeconds: 2 });
    const victim = await bench.at('victim');
    const { client, endpoint } = await bench.flotilla.engine();
    client.close();
    process.kill(endpoint.pid, 'SIGKILL');
    const ask = async (act: object) =>
      (await fetch(`http://${victim}/`, { method: 'POST', body: JSON.stringify(act) })).json();
    expect((await ask(get('/')))[0].ms).toBeGreaterThanOrEqual(499);
    await vi.waitFor(async () => {
      expect((await ask(get('/')))[0].ms).toBeLessThan(250);
      expect((await ask({ act: 'tcp', to: 'db' }))[0].failed).toBeUndefined();
    }, patient);
    await bench.up();
    await allIsWell();
  });

  test.each([
    ['dies', 'SIGKILL'],
    ['hangs', 'SIGSTOP'],
  ] as const)('the links program %s during faults: they are on again, and then off', async (_how, signal) => {
    await many();
    const { links } = await (await bench.client()).call('engine.state', undefined);
    const linksPid = async (): Promise<number> => (await new LinksClient(links?.url ?? '', null).info()).pid;
    const pid = await linksPid();
    process.kill(pid, signal);
    await vi.waitFor(async () => expect(await linksPid()).not.toBe(pid), patient);
    await vi.waitFor(
      async () => expect(await one(bench, { act: 'tcp', to: 'db' })).toMatchObject({ failed: 'ECONNREFUSED' }),
      patient,
    );
    expect(await bench.faults()).toHaveLength(where === 'docker' ? 8 : 6);
    await (await bench.client()).call('fault.stop', undefined);
    await (await bench.client()).call('fault.release', undefined);
    await allIsWell();
  });

  test('the fleet goes down during faults: nothing is left of them', async () => {
    await many();
    expect((await bench.flotilla.run('down')).code).toBe(0);
    const { entries } = JSON.parse(await readFile(`${bench.flotilla.home}/faults.json`, 'utf8'));
    expect(entries).toEqual([]);
    if (where === 'process') expect(await pressureBytes(bench)).toBe(0);
    await bench.up();
    await bench.furnish();
    await allIsWell();
  });
}
