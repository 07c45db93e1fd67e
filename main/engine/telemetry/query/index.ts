import { topologySeen } from '../topology/seen-query.ts';
import { ended } from './ended.ts';
import { logsHistogram, logsSearch } from './logs.ts';
import { metricsList } from './metrics-list.ts';
import { metricsSeries } from './metrics-series.ts';
import { services } from './services.ts';
import { timeline } from './timeline.ts';
import { traceGet } from './trace-get.ts';
import { tracesSearch } from './traces-search.ts';

export { compileLogFilter } from './search/index.ts';

/** The questions that the store answers, by the name of the procedure that asks them. */
export const queries = {
  'telemetry.timeline': timeline,
  'telemetry.services': services,
  'telemetry.ended': ended,
  'traces.search': tracesSearch,
  'traces.get': traceGet,
  'logs.search': logsSearch,
  'logs.histogram': logsHistogram,
  'metrics.list': metricsList,
  'metrics.series': metricsSeries,
  'topology.seen': topologySeen,
};
