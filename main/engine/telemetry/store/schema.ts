/**
 * The tables of a run's store, one DuckDB file per run. Shaped for three things: appends by column without conversion,
 * scans that the zone maps cut short (rows lie in order of arrival, so nearly in order of time), and few, narrow columns
 * for what every view asks.
 *
 * Times are epoch nanoseconds in BIGINT: exact, and no time zone anywhere. Ids: a trace id is a UUID (16 bytes; the same
 * 32 hex digits with dashes), a span id a UBIGINT (8 bytes, big-endian value of the 16 hex digits; 0 stands for none).
 */
export const schema = `
CREATE TABLE IF NOT EXISTS meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);

-- Who sends: one row per distinct set of resource attributes.
CREATE TABLE IF NOT EXISTS resources (
  id         UINTEGER NOT NULL,   -- 1.., by order of appearance in this run
  service    VARCHAR NOT NULL,    -- service.name, 'unknown_service' when absent
  instance   VARCHAR NOT NULL,    -- service.instance.id, '' when absent
  attributes VARCHAR NOT NULL     -- JSON object, all attributes of the resource
);

CREATE TABLE IF NOT EXISTS spans (
  trace_id    UUID NOT NULL,
  span_id     UBIGINT NOT NULL,
  parent_id   UBIGINT NOT NULL,   -- 0: a root
  start_ns    BIGINT NOT NULL,
  duration_ns BIGINT NOT NULL,    -- never negative
  kind        UTINYINT NOT NULL,  -- OTLP's: 0 unspecified 1 internal 2 server 3 client 4 producer 5 consumer
  status      UTINYINT NOT NULL,  -- OTLP's: 0 unset 1 ok 2 error
  http_status USMALLINT NOT NULL, -- http.response.status_code | http.status_code; 0: none
  resource    UINTEGER NOT NULL,  -- resources.id
  service     VARCHAR NOT NULL,   -- resources.service, again, because every query wants it
  name        VARCHAR NOT NULL,
  scope       VARCHAR NOT NULL,   -- the instrumentation scope's name
  peer        VARCHAR NOT NULL,   -- peer.service, else server.address | net.peer.name | network.peer.address; '' none
  peer_port   USMALLINT NOT NULL, -- server.port | net.peer.port; 0: none
  system      VARCHAR NOT NULL,   -- db.system.name | db.system, messaging.system, rpc.system(.name); '' none
  target      VARCHAR NOT NULL,   -- db.namespace | db.name, messaging.destination.name | messaging.destination; '' none
  attributes  VARCHAR NOT NULL,   -- JSON object without blanks, keys in the sender's order: contains() may prefilter
  status_message VARCHAR NOT NULL,
  extra       VARCHAR             -- NULL, or JSON {"events":[{"name","timeNs":"…","attributes":{}}],
                                  --   "links":[{"traceId","spanId","attributes":{}}],"traceState"?}
);

CREATE TABLE IF NOT EXISTS logs (
  seq        BIGINT NOT NULL,     -- grows with arrival, over restarts too
  time_ns    BIGINT NOT NULL,
  level      UTINYINT NOT NULL,   -- index in logLevels: 0 trace … 5 fatal
  source     UTINYINT NOT NULL,   -- index in logSources
  service    VARCHAR NOT NULL,
  instance   VARCHAR NOT NULL,
  message    VARCHAR NOT NULL,
  trace_id   UUID,
  span_id    UBIGINT,
  attributes VARCHAR NOT NULL     -- JSON object
);

-- One row per distinct metric, resource, scope and label set.
CREATE TABLE IF NOT EXISTS metric_series (
  id          UINTEGER NOT NULL,
  name        VARCHAR NOT NULL,
  kind        VARCHAR NOT NULL,   -- gauge, sum, histogram, exponential_histogram, summary
  unit        VARCHAR NOT NULL,
  description VARCHAR NOT NULL,
  temporality UTINYINT NOT NULL,  -- OTLP's: 0 unspecified (gauge, summary) 1 delta 2 cumulative
  monotonic   BOOLEAN NOT NULL,   -- true for histograms
  resource    UINTEGER NOT NULL,
  service     VARCHAR NOT NULL,
  scope       VARCHAR NOT NULL,
  labels      VARCHAR NOT NULL    -- JSON object; values as sent (strings, numbers, booleans)
);

CREATE TABLE IF NOT EXISTS metric_points (
  series   UINTEGER NOT NULL,     -- metric_series.id
  time_ns  BIGINT NOT NULL,
  start_ns BIGINT NOT NULL,       -- when a sum or histogram began to count (it changes on a reset); 0: not said
  value    DOUBLE,                -- of gauge and sum; of the others the average, NULL when count is 0
  count    DOUBLE,                -- of histogram, exponential_histogram, summary
  sum      DOUBLE,
  min      DOUBLE,
  max      DOUBLE,
  bounds   DOUBLE[],              -- histogram: upper bounds, ascending; exponential ones are converted to the same form;
                                  -- summary: the quantiles, 0 to 1
  counts   DOUBLE[]               -- histogram: one more than bounds, the last is the overflow; summary: the values
);
`;

/** Span kinds by their number in the store, which is OTLP's. */
export const spanKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

/** Span states by their number in the store, which is OTLP's. */
export const spanStatuses = ['unset', 'ok', 'error'] as const;

/** Log levels by their number in the store. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** Where a log record came from, by its number in the store. */
export const logSources = ['stdout', 'stderr', 'otlp', 'flotilla'] as const;
