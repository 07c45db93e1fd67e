import { DuckDBInstance } from '@duckdb/node-api';
import type { AttributeValue, LogRecord } from '../../../../contract/index.ts';
import type { QueryConnection, QueryContext, SqlParameter } from '../../store/connection.ts';
import { spanIdToNumber, traceIdToUuid } from '../../store/ids.ts';
import { queryConnection } from '../../store/query-connection.ts';
import { logLevels, logSources, schema, spanKinds, spanStatuses } from '../../store/schema.ts';

type Attributes = Record<string, AttributeValue>;

/** A span as a test writes it: only what matters to it. Times in milliseconds since the epoch. */
export interface TestSpan {
  trace: string;
  id: string;
  parent?: string;
  service: string;
  name?: string;
  kind?: (typeof spanKinds)[number];
  status?: (typeof spanStatuses)[number];
  atMs?: number;
  durationMs?: number;
  scope?: string;
  statusMessage?: string;
  attributes?: Attributes;
  extra?: object;
  instance?: string;
}

/** A store in memory with the real schema, for tests of queries. */
export interface MemoryStore {
  readonly db: QueryConnection;
  run(sql: string, parameters?: readonly SqlParameter[]): Promise<void>;
  addSpans(spans: readonly TestSpan[]): Promise<void>;
  addLogs(records: readonly LogRecord[]): Promise<void>;
  close(): void;
}

export async function openMemoryStore(): Promise<MemoryStore> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const run = async (sql: string, parameters: readonly SqlParameter[] = []): Promise<void> => {
    await connection.run(sql, [...parameters]);
  };
  await run(schema);
  const resources = new Map<string, number>();
  const resourceOf = async (span: TestSpan): Promise<number> => {
    const key = `${span.service} ${span.instance ?? ''}`;
    const known = resources.get(key);
    if (known !== undefined) return known;
    const id = resources.size + 1;
    resources.set(key, id);
    const attributes = JSON.stringify({ 'service.name': span.service, 'service.instance.id': span.instance ?? '' });
    await run('INSERT INTO resources VALUES ($1, $2, $3, $4)', [id, span.service, span.instance ?? '', attributes]);
    return id;
  };
  return {
    db: queryConnection(connection, new AbortController().signal),
    run,
    async addSpans(spans) {
      const rows: SqlParameter[][] = [];
      for (const span of spans) rows.push(spanRow(span, await resourceOf(span)));
      await insert(run, 'spans', spanCasts, rows);
    },
    async addLogs(records) {
      await insert(run, 'logs', logCasts, records.map(logRow));
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** A context at a fixed moment. */
export function contextAt(nowMs: number): QueryContext {
  return { nowMs, signal: new AbortController().signal };
}

/** `t1` as a trace id of 32 digits, `s1` as a span id of 16. */
export const testTraceId = (name: string): string => Buffer.from(name).toString('hex').padStart(32, '0');
export const testSpanId = (name: string): string => Buffer.from(name).toString('hex').padStart(16, '0');

/** Casts by the number of the column, from 0, for what a parameter cannot be as it is. */
const spanCasts: Readonly<Record<number, string>> = { 0: '::UUID', 1: '::UBIGINT', 2: '::UBIGINT' };
const logCasts: Readonly<Record<number, string>> = { 7: '::UUID', 8: '::UBIGINT' };

/** Many rows a statement: a statement a row would take most of a test's time. */
async function insert(
  run: MemoryStore['run'],
  table: string,
  casts: Readonly<Record<number, string>>,
  rows: readonly SqlParameter[][],
): Promise<void> {
  for (let at = 0; at < rows.length; at += 100) {
    const parameters: SqlParameter[] = [];
    const values = rows.slice(at, at + 100).map((row) => {
      const items = row.map((value, column) => `$${parameters.push(value)}${casts[column] ?? ''}`);
      return `(${items.join(', ')})`;
    });
    await run(`INSERT INTO ${table} VALUES ${values.join(', ')}`, parameters);
  }
}

function spanRow(span: TestSpan, resource: number): SqlParameter[] {
  const attributes = span.attributes ?? {};
  const first = (...keys: string[]): string =>
    String(keys.map((key) => attributes[key]).find((v) => v !== undefined) ?? '');
  return [
    traceIdToUuid(testTraceId(span.trace)),
    spanIdToNumber(testSpanId(span.id)),
    span.parent === undefined ? 0n : spanIdToNumber(testSpanId(span.parent)),
    nanoseconds(span.atMs ?? 0),
    nanoseconds(span.durationMs ?? 1),
    spanKinds.indexOf(span.kind ?? 'internal'),
    spanStatuses.indexOf(span.status ?? 'unset'),
    Number(first('http.response.status_code', 'http.status_code')),
    resource,
    span.service,
    span.name ?? span.id,
    span.scope ?? 'test',
    first('peer.service', 'server.address', 'net.peer.name', 'network.peer.address'),
    Number(first('server.port', 'net.peer.port')),
    first('db.system.name', 'db.system', 'messaging.system', 'rpc.system.name', 'rpc.system'),
    first('db.namespace', 'db.name', 'messaging.destination.name', 'messaging.destination'),
    JSON.stringify(attributes),
    span.statusMessage ?? '',
    span.extra === undefined ? null : JSON.stringify(span.extra),
  ];
}

function logRow(record: LogRecord): SqlParameter[] {
  return [
    BigInt(record.seq),
    nanoseconds(Date.parse(record.time)),
    logLevels.indexOf(record.level),
    logSources.indexOf(record.source),
    record.service,
    record.instance,
    record.message,
    record.traceId === null ? null : traceIdToUuid(record.traceId),
    record.spanId === null ? null : spanIdToNumber(record.spanId),
    JSON.stringify(record.attributes),
  ];
}

function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms * 1000)) * 1000n;
}
