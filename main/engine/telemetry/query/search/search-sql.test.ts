import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../../contract/index.ts';
import { parseSearch } from '../../../../contract/search/index.ts';
import { type MemoryStore, openMemoryStore, testSpanId, testTraceId } from '../testing/memory-store.ts';
import { compileLogFilter, compileSearch, logTable, Parameters, spanTable } from './index.ts';

let store: MemoryStore;
beforeAll(async () => {
  store = await openMemoryStore();
});
afterAll(() => store.close());

async function spansMatching(query: string): Promise<string[]> {
  const parameters = new Parameters();
  const condition = compileSearch(parseSearch(query), spanTable, parameters);
  const rows = await store.db.all<{ name: string }>(
    `SELECT name FROM spans WHERE ${condition} ORDER BY 1`,
    parameters.values,
  );
  return rows.map((row) => row.name);
}

describe('a search over spans', () => {
  beforeAll(async () => {
    await store.addSpans([
      {
        trace: 't1',
        id: 'a',
        name: 'POST /orders',
        service: 'gateway',
        kind: 'server',
        status: 'error',
        durationMs: 350,
        instance: 'gateway-1',
        statusMessage: 'upstream Timed Out',
        attributes: {
          'user.id': 42,
          'http.response.status_code': 504,
          'http.route': '/orders',
          'a/b~c': 'x"y',
          list: ['p', 'q'],
        },
      },
      {
        trace: 't1',
        id: 'b',
        name: 'charge',
        service: 'payments',
        kind: 'client',
        durationMs: 20,
        instance: 'payments-2',
        attributes: { 'user.id': '42', 'http.status_code': 200, flag: true, empty: '', nothing: null },
        extra: {
          events: [{ name: 'exception', timeNs: '1', attributes: { 'exception.message': 'Bank said NO' } }],
          links: [],
        },
      },
      {
        trace: 't2',
        id: 'c',
        name: 'ÄRGER',
        service: 'orders',
        kind: 'internal',
        attributes: { '100%_done': 'a_b%c' },
      },
    ]);
  });

  it.each([
    ['', ['POST /orders', 'charge', 'ÄRGER']],
    ['service:payments', ['charge']],
    ['service:PAY*,orders', ['charge', 'ÄRGER']],
    ['-service:payments,orders', ['POST /orders']],
    ['status:error', ['POST /orders']],
    ['has:error', ['POST /orders']],
    ['kind:client,server', ['POST /orders', 'charge']],
    ['duration>200ms', ['POST /orders']],
    ['duration<=20ms duration>=20ms', ['charge']],
    ['@user.id:42', ['POST /orders', 'charge']],
    ['@user.id:4', []],
    ['@user.id:4*', ['POST /orders', 'charge']],
    ['@user.id>41.5', ['POST /orders', 'charge']],
    ['@user.id<1000 NOT @flag:TRUE', ['POST /orders']],
    ['@http.response.status_code>=500', ['POST /orders']],
    ['@http.response.status_code<500', ['charge']],
    ['@flag:*', ['charge']],
    ['@nothing:*', []],
    ['@empty:""', ['charge']],
    ['@empty:*', ['charge']],
    ['@a/b~c:"x\\"y"', ['POST /orders']],
    ['@list:*q*', ['POST /orders']],
    ['@100%_done:a_b%c', ['ÄRGER']],
    ['@100%_done:a*c', ['ÄRGER']],
    ['@100%_done:a_*c', ['ÄRGER']],
    ['@100%_done:aXb*', []],
    ['"timed out"', ['POST /orders']],
    ['up*OUT', ['POST /orders']],
    ['"bank said"', ['charge']],
    ['exception', ['charge']],
    ['exception.message', []],
    ['timeNs', []],
    ['user.id', []],
    ['x"y"', []],
    ['"x\\"y"', ['POST /orders']],
    ['ärger', ['ÄRGER']],
    ['name:charge', ['charge']],
    ['operation:"post /orders"', ['POST /orders']],
    ['message:*timed*', ['POST /orders']],
    ['instance:payments-*', ['charge']],
    [`trace:${testTraceId('t2')}`, ['ÄRGER']],
    [`trace:${testTraceId('t2').toUpperCase()}`, ['ÄRGER']],
    [`trace:*${testTraceId('t1').slice(-4)}`, ['POST /orders', 'charge']],
    [`span_id:${testSpanId('b')}`, ['charge']],
    ['span_id:*62', ['charge']],
    ['scope:test', ['POST /orders', 'charge', 'ÄRGER']],
    ['level:error', []],
    ['-level:error service:orders', ['ÄRGER']],
    ['(status:error OR service:orders) -gateway*', ['POST /orders', 'ÄRGER']],
    ["';DROP*TABLE\\ spans; x--", []],
  ])('%s', async (query, names) => {
    expect(await spansMatching(query)).toEqual(names);
  });
});

const words = [
  'Timed out',
  'ÄRGER',
  'straße',
  'a_b',
  '100%',
  'x"y',
  'back\\slash',
  'line\nbreak',
  '42',
  '-1.5e3',
  'true',
  '',
  'ΟΔΟΣ',
];
const value = fc.oneof(
  fc.constantFrom(...words, 42, 1.5, -3, true, false, null),
  fc.constantFrom(['p', 4], { deep: 'p"' }),
  fc.string({ unit: 'grapheme', maxLength: 5 }).filter((text) => !text.includes('\0')),
);
const keys = ['user.id', 'a/b~c', 'k"q', 'flag', '100%'];
const optionalId = (id: string): fc.Arbitrary<string | null> => fc.constantFrom(id, null);
const record = fc.record({
  time: fc.constant<string>('2026-11-22T12:00:00.000Z'),
  service: fc.constantFrom('orders', 'payments', 'Order-history'),
  instance: fc.constantFrom('orders-1', 'payments-2', ''),
  level: fc.constantFrom('trace', 'debug', 'info', 'warn', 'error', 'fatal'),
  message: fc.oneof(
    fc.constantFrom(...words),
    fc.string({ maxLength: 8 }).filter((text) => !text.includes('\0')),
  ),
  traceId: optionalId(testTraceId('t1')) as fc.Arbitrary<LogRecord['traceId']>,
  spanId: optionalId(testSpanId('s1')) as fc.Arbitrary<LogRecord['spanId']>,
  attributes: fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 4 }),
  source: fc.constantFrom('stdout', 'stderr', 'otlp', 'flotilla'),
});
const quoted = fc
  .constantFrom(...words, 'p', 'deep', '"p"', 'user', 'É', 'İ')
  .map((word) => JSON.stringify(word).replaceAll('\\n', '\n'));
const wild = fc
  .tuple(quoted, fc.constantFrom('', '*'), quoted)
  .map(([a, star, b]) => (star === '' ? a : `${a}${star}${b}`));
const term = fc.oneof(
  wild,
  fc.tuple(fc.constantFrom(...keys), wild).map(([key, text]) => `@${JSON.stringify(key)}:${text}`),
  fc.constantFrom(...keys).map((key) => `@${JSON.stringify(key)}:*`),
  fc
    .tuple(fc.constantFrom(...keys), fc.constantFrom('>', '<=', '>=', '<'), fc.constantFrom('42', '0', '-5', '1.5'))
    .map(([key, comparison, number]) => `@${JSON.stringify(key)}${comparison}${number}`),
  fc.constantFrom(
    'service:orders',
    'service:ord*',
    'SERVICE:ORDERS,payments',
    'instance:*-1',
    'instance:""',
    'level:warn,error',
  ),
  fc.constantFrom(
    'level>=warn',
    'level<info',
    'has:error',
    'status:error',
    'status:ok',
    'source:std*',
    'duration>1ms',
    'kind:client',
  ),
  fc.constantFrom(
    `trace:${testTraceId('t1')}`,
    'trace:*31',
    'span_id:*',
    `span_id:${testSpanId('s1')}`,
    'message:*o*',
    'scope:x',
    'name:x',
  ),
);
const query = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { depthSize: 'small' },
    term,
    tie('query').map((inner) => `-(${inner})`),
    fc.tuple(tie('query'), fc.constantFrom(' ', ' OR '), tie('query')).map(([a, join, b]) => `(${a}${join}${b})`),
  ),
})).query;

describe('a search over log records', () => {
  it('means the same in the store and in the live tail', async () => {
    const records = fc
      .sample(record, { numRuns: 250, seed: 7 })
      .map((r, index) => ({ ...r, seq: index + 1 }) as LogRecord);
    await store.addLogs(records);
    let matched = 0;
    await fc.assert(
      fc.asyncProperty(query, async (text) => {
        const parameters = new Parameters();
        const condition = compileSearch(parseSearch(text), logTable, parameters);
        const rows = await store.db.all<{ seq: number }>(
          `SELECT seq::INTEGER AS seq FROM logs WHERE (${condition}) IS NOT DISTINCT FROM true ORDER BY seq`,
          parameters.values,
        );
        const live = records.filter(compileLogFilter(text)).map((r) => r.seq);
        expect(rows.map((row) => row.seq)).toEqual(live);
        if (live.length > 0 && live.length < records.length) matched += 1;
      }),
      { numRuns: 400 },
    );
    expect(matched).toBeGreaterThan(100);
  });

  it('is never NULL', async () => {
    const parameters = new Parameters();
    const condition = compileSearch(
      parseSearch('-(trace:x* OR span_id:y* OR @gone:1 OR @gone>1)'),
      logTable,
      parameters,
    );
    const [row] = await store.db.all<{ n: number }>(
      `SELECT count(*)::INTEGER AS n FROM logs WHERE (${condition}) IS NULL`,
      parameters.values,
    );
    expect(row?.n).toBe(0);
  });
});
