import type { Attributes, LogLevel, SpanId, TraceId } from '../../../contract/index.ts';
import type { IncomingLog } from '../store/log-buffer.ts';
import type { Resources, StoredResource } from '../store/resources.ts';
import { attributes, attributeValue, toBigInt } from './attribute-values.ts';
import type { LogRecordMessage, LogsRequest } from './otlp-messages.ts';

const idOf = (bytes: Uint8Array, length: number): string | null =>
  bytes.length === length && bytes.some((byte) => byte !== 0) ? Buffer.from(bytes).toString('hex') : null;

const levelWords: readonly (readonly [RegExp, LogLevel])[] = [
  [/^(fatal|crit|emerg|alert|panic)/i, 'fatal'],
  [/^err/i, 'error'],
  [/^warn/i, 'warn'],
  [/^(debug|fine)/i, 'debug'],
  [/^(trace|finest|verbose)/i, 'trace'],
];

/** SeverityNumber in OpenTelemetry's ranges of four (logs data model); without one, what the text says. */
export function levelOf(severityNumber: number, severityText: string): LogLevel {
  if (severityNumber >= 21) return 'fatal';
  if (severityNumber >= 17) return 'error';
  if (severityNumber >= 13) return 'warn';
  if (severityNumber >= 9) return 'info';
  if (severityNumber >= 5) return 'debug';
  if (severityNumber >= 1) return 'trace';
  return levelWords.find(([word]) => word.test(severityText.trim()))?.[1] ?? 'info';
}

function toIncoming(record: LogRecordMessage, resource: StoredResource, scope: string, nowMs: number): IncomingLog {
  const body = attributeValue(record.body);
  const own: Attributes = attributes(record.attributes);
  if (record.eventName !== '') own['event.name'] ??= record.eventName;
  if (scope !== '') own['otel.scope.name'] ??= scope;
  let timeNs = toBigInt(record.timeUnixNano);
  if (timeNs === 0n) timeNs = toBigInt(record.observedTimeUnixNano);
  if (timeNs === 0n || timeNs >= 2n ** 63n) timeNs = BigInt(nowMs) * 1_000_000n;
  return {
    timeMs: Number(timeNs) / 1e6,
    timeNs,
    service: resource.service as IncomingLog['service'],
    instance: resource.instance,
    level: levelOf(record.severityNumber, record.severityText),
    message: typeof body === 'string' ? body : body === null ? record.eventName : JSON.stringify(body),
    traceId: idOf(record.traceId, 16) as TraceId | null,
    spanId: idOf(record.spanId, 8) as SpanId | null,
    attributes: own,
    source: 'otlp',
  };
}

/** The records of a decoded `ExportLogsServiceRequest`. Throws MalformedError when values are nested too deep. */
export function decodeLogs(request: LogsRequest, resources: Resources, nowMs: number): IncomingLog[] {
  const logs: IncomingLog[] = [];
  for (const { resource, scopeLogs } of request.resourceLogs) {
    const sender = resources.intern(JSON.stringify(attributes(resource?.attributes ?? [])));
    for (const { scope, logRecords } of scopeLogs) {
      for (const record of logRecords) logs.push(toIncoming(record, sender, scope?.name ?? '', nowMs));
    }
  }
  return logs;
}
