// Spans, log records and a counter, sent as OTLP/JSON (opentelemetry-proto 1.x, JSON mapping) without any package.
const crypto = require('node:crypto');

const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
const hex = (bytes) => crypto.randomBytes(bytes).toString('hex');
const nowNs = () => String(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n);

function attributes(values) {
  return Object.entries(values).map(([key, value]) => {
    const typed = typeof value === 'number' ? { intValue: String(value) } : { stringValue: String(value) };
    return { key, value: typed };
  });
}

const fromVariable = (process.env.OTEL_RESOURCE_ATTRIBUTES ?? '')
  .split(',')
  .filter((pair) => pair.includes('='))
  .map((pair) => pair.split('='));
const resource = {
  attributes: attributes({
    ...Object.fromEntries(fromVariable),
    'service.name': process.env.OTEL_SERVICE_NAME ?? 'unknown_service',
  }),
};
const scope = { name: 'by-hand' };

function send(signal, body) {
  if (!endpoint) return;
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  fetch(`${endpoint.replace(/\/$/, '')}/v1/${signal}`, request).catch((error) => {
    console.error(`${signal} are lost: ${error.cause?.message ?? error.message}`);
  });
}

/** Runs `work` in a span; `parent` is a `traceparent` header or a span that `work` was given. */
exports.inSpan = async ({ name, kind, parent, values }, work) => {
  const [, traceId = hex(16), parentSpanId = ''] = parent?.split('-') ?? [];
  const spanId = hex(8);
  const startTimeUnixNano = nowNs();
  const status = { code: 1 };
  try {
    return await work(`00-${traceId}-${spanId}-01`);
  } catch (error) {
    Object.assign(status, { code: 2, message: error.message });
    throw error;
  } finally {
    const span = { traceId, spanId, parentSpanId, name, kind, startTimeUnixNano, endTimeUnixNano: nowNs(), status };
    const spans = [{ ...span, attributes: attributes(values) }];
    send('traces', { resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] });
  }
};

exports.SERVER = 2;
exports.CLIENT = 3;

/** A log record of the span that `context` names. */
exports.log = (text, context, severityText = 'INFO') => {
  const [, traceId, spanId] = context.split('-');
  const severityNumber = severityText === 'INFO' ? 9 : 13;
  const record = { timeUnixNano: nowNs(), severityNumber, severityText, body: { stringValue: text }, traceId, spanId };
  send('logs', { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }] });
};

const startTimeUnixNano = nowNs();
let requests = 0;
exports.count = () => {
  requests += 1;
  const point = { startTimeUnixNano, timeUnixNano: nowNs(), asInt: String(requests) };
  const sum = { dataPoints: [point], aggregationTemporality: 2, isMonotonic: true };
  const metrics = [{ name: 'shop.requests', unit: '{request}', sum }];
  send('metrics', { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] });
};
