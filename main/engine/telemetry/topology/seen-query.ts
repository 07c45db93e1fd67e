import { fixRange, type TimeRange } from '../../../contract/index.ts';
import { groupBy } from '../../group-by.ts';
import { coveredSeconds } from '../query/red.ts';
import { msToNs } from '../query/time.ts';
import type { QueryConnection, SqlParameter, StoreQuery } from '../store/connection.ts';
import { bucketSql } from './duration-histogram.ts';
import type { SeenCall, SeenMessages, SeenService, SeenTopology, Traffic } from './seen.ts';
import { messagingSql, systemKind } from './systems.ts';

interface Counted {
  bucket: number;
  count: number;
  errors: number;
}

type CallRow = Omit<SeenCall, keyof Traffic> & Counted & { verb: string };
interface ServedRow extends Counted {
  service: string;
  kind: number;
  system: string;
  target: string;
  peer: string;
  port: number;
}
interface GroupRow {
  service: string;
  target: string;
  attributes: string;
}

/** A call that began at the very end of the range may be answered after it. */
const answerMarginNs = 10_000_000_000n;

const counted = `count(*)::DOUBLE AS count, count(*) FILTER (p.status = 2)::DOUBLE AS errors`;

/** First words of the names that HTTP clients give their spans: a call that got no answer has no status to tell it by. */
const httpMethods = "'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'QUERY', 'HTTP'";

const answersSql = `answers AS MATERIALIZED (
    SELECT trace_id, parent_id, service, contains(name, '/graphql') AS graphql FROM spans
    WHERE start_ns >= $1 AND start_ns < $3 AND kind = 2 AND parent_id <> 0
  )`;

/** Every client span, with the service of the server span that answered it. Joins carry few columns: they are what costs. */
const clientsSql = `WITH ${answersSql}, calls AS (
    SELECT trace_id, span_id, service, status, peer, peer_port, system, target, ${bucketSql('duration_ns')} AS bucket,
      http_status > 0 OR (system = '' AND split_part(name, ' ', 1) IN (${httpMethods})) AS http, contains(name, '/graphql') AS graphql,
      if(system IN (${messagingSql}), split_part(name, ' ', 1), '') AS verb
    FROM spans WHERE start_ns >= $1 AND start_ns < $2 AND kind = 3
  )
  SELECT p.service AS caller, s.service AS callee, if(s.service IS NULL, p.peer, '') AS peer,
    if(s.service IS NULL, p.peer_port, 0)::INTEGER AS port, p.system, p.target, p.http,
    coalesce(s.graphql, p.graphql) AS graphql, p.verb, p.bucket, ${counted}
  FROM calls p LEFT JOIN answers s ON s.parent_id = p.span_id AND s.trace_id = p.trace_id GROUP BY ALL`;

/**
 * Spans of other kinds are calls too when a server span of another service is their child: their library sends the trace
 * context along and makes no client span.
 */
const otherCallsSql = `WITH ${answersSql}
  SELECT p.service AS caller, s.service AS callee, '' AS peer, 0 AS port, '' AS system, '' AS target, p.http, s.graphql,
    '' AS verb, p.bucket, ${counted}
  FROM (
    SELECT trace_id, span_id, service, status, ${bucketSql('duration_ns')} AS bucket, http_status > 0 AS http
    FROM spans WHERE start_ns >= $1 AND start_ns < $2 AND kind <> 3
  ) p JOIN answers s ON s.parent_id = p.span_id AND s.trace_id = p.trace_id
  WHERE s.service <> p.service GROUP BY ALL`;

/** What services serve, and the messages that they send and take. */
const servedSql = `SELECT service, kind, system, target, if(kind = 2, '', peer) AS peer,
    if(kind = 2, 0, peer_port)::INTEGER AS port, ${bucketSql('duration_ns')} AS bucket, ${counted}
  FROM spans p WHERE start_ns >= $1 AND start_ns < $2 AND kind IN (2, 4, 5) GROUP BY ALL`;

/** Reading attributes is dear, and a group hardly ever changes: the last minute of the range tells it. */
const groupsSql = `SELECT service, target, any_value(attributes) AS attributes
  FROM spans WHERE start_ns >= greatest($1, $2 - 60000000000) AND start_ns < $2 AND kind = 5 AND target <> '' GROUP BY ALL`;

/**
 * Who called whom in the range, told from spans alone. Asked anew each time: over 100,000 spans it takes about as long as it
 * takes to draw a frame or two, and totals kept by time would miss what arrives late, which are the calls that hung.
 */
export const topologySeen: StoreQuery<{ range: TimeRange }, SeenTopology> = async (db, { range }, { nowMs }) => {
  const { fromMs, toMs } = fixRange(range, nowMs);
  const parameters: SqlParameter[] = [msToNs(fromMs), msToNs(toMs)];
  const withMargin = [...parameters, msToNs(toMs) + answerMarginNs];
  const clients = await db.all<CallRow>(clientsSql, withMargin);
  const calls = [...clients, ...(await db.all<CallRow>(otherCallsSql, withMargin))];
  const served = await db.all<ServedRow>(servedSql, parameters);
  const messages = messagesOf(calls, served, await consumerGroups(db, parameters));
  return {
    fromMs,
    toMs,
    seconds: await coveredSeconds(db, fromMs, toMs),
    calls: collect(
      calls.filter((row) => row.verb === ''),
      ({ caller, callee, peer, port, system, target, http, graphql }) => ({
        caller,
        callee,
        peer,
        port,
        system,
        target,
        http,
        graphql,
      }),
    ),
    messages,
    services: collect(
      served.filter((row) => row.kind !== 4),
      ({ service }): Omit<SeenService, keyof Traffic> => ({ service }),
    ),
  };
};

function messagesOf(
  calls: readonly CallRow[],
  served: readonly ServedRow[],
  groups: ReadonlyMap<string, string>,
): SeenMessages[] {
  const rows = served.filter((row) => row.kind !== 2 && row.target !== '');
  const consumed = new Set(rows.filter((row) => row.kind === 5).map((row) => `${row.service} ${row.target}`));
  // A client span of a messaging system is a poll or a send. Where what was polled has spans of its own, those count.
  const byVerb = calls.flatMap((row) => {
    if (row.verb === '' || row.target === '') return [];
    const kind = /^(send|publish|produce|create)/i.test(row.verb) ? 4 : 5;
    return kind === 5 && consumed.has(`${row.caller} ${row.target}`) ? [] : [{ ...row, service: row.caller, kind }];
  });
  return collect([...rows, ...byVerb], ({ service, kind, system, target, peer, port }) => ({
    service,
    direction: kind === 4 ? ('produce' as const) : ('consume' as const),
    system: systemKind(system) === 'messaging' ? system : '',
    destination: target,
    peer,
    port,
    group: kind === 4 ? null : (groups.get(`${service} ${target}`) ?? null),
  }));
}

/** The consumer group by service and destination, where spans tell it. */
async function consumerGroups(db: QueryConnection, parameters: SqlParameter[]): Promise<Map<string, string>> {
  const rows = await db.all<GroupRow>(groupsSql, parameters);
  const groups = new Map<string, string>();
  for (const { service, target, attributes } of rows) {
    const parsed = JSON.parse(attributes) as Record<string, unknown>;
    const group =
      parsed['messaging.consumer.group.name'] ??
      parsed['messaging.kafka.consumer.group'] ??
      parsed['messaging.kafka.consumer_group'];
    if (typeof group === 'string') groups.set(`${service} ${target}`, group);
  }
  return groups;
}

/** Puts the rows of one key together: their buckets become its histogram. */
function collect<R extends Counted, K extends object>(rows: readonly R[], keyOf: (row: R) => K): (K & Traffic)[] {
  const groups = groupBy(rows, (row) => JSON.stringify(keyOf(row)));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const buckets = new Map<number, number>();
    for (const { bucket, count } of group) buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
    const traffic: Traffic = {
      count: group.reduce((sum, row) => sum + row.count, 0),
      errors: group.reduce((sum, row) => sum + row.errors, 0),
      durations: [...buckets].sort(([a], [b]) => a - b),
    };
    return [{ ...keyOf(first), ...traffic }];
  });
}
