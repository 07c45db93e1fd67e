import type { FaultParameters } from '../../../contract/index.ts';
import type { ToxicSpec } from '../../links/index.ts';

type Toxic = Pick<ToxicSpec, 'type' | 'stream' | 'toxicity' | 'attributes'>;
type Values = Readonly<FaultParameters>;

const shared = ({ percent = 100 }: Values): { toxicity: number } => ({ toxicity: Number(percent) / 100 });
const onStream = (values: Values) => ({
  ...shared(values),
  stream: values.stream === 'upstream' ? ('upstream' as const) : ('downstream' as const),
});
const matching = ({ percent = 100, method = '', path = '', header = '', attribute = '' }: Values) => ({
  percentage: percent,
  method,
  path,
  header,
  baggage: attribute,
});

/** How each fault of the catalogue on edges is said to the links program; `refuse` is not a toxic but a closed link. */
const toxics: Readonly<Record<string, (values: Values) => Toxic>> = {
  latency: (of) => ({
    type: 'latency',
    ...onStream(of),
    attributes: { latency: of.latencyMs ?? 0, jitter: of.jitterMs ?? 0 },
  }),
  bandwidth: (of) => ({ type: 'bandwidth', ...onStream(of), attributes: { rate: of.rateKBps ?? 0 } }),
  // 0: it never ends by itself.
  hang: (of) => ({ type: 'timeout', ...onStream(of), attributes: { timeout: 0 } }),
  reset: (of) => ({ type: 'reset_peer', ...shared(of), attributes: { timeout: of.afterMs ?? 0 } }),
  'slow-close': (of) => ({ type: 'slow_close', ...onStream(of), attributes: { delay: of.delayMs ?? 0 } }),
  slice: (of) => ({
    type: 'slicer',
    ...onStream(of),
    attributes: {
      average_size: of.sizeBytes ?? 0,
      size_variation: of.variationBytes ?? 0,
      delay: of.delayUs ?? 0,
    },
  }),
  'limit-data': (of) => ({ type: 'limit_data', ...onStream(of), attributes: { bytes: of.bytes ?? 0 } }),
  'http-abort': (of) => ({
    type: 'http_abort',
    attributes: { ...matching(of), status: of.status ?? 503, grpc_status: of.grpcStatus ?? -1, body: of.body ?? '' },
  }),
  'http-delay': (of) => ({
    type: 'http_delay',
    attributes: { ...matching(of), latency: of.latencyMs ?? 0, jitter: of.jitterMs ?? 0 },
  }),
  'http-drop': (of) => ({
    type: 'http_drop_nth',
    attributes: { ...matching(of), nth: of.nth ?? 1, mode: of.mode ?? 'reset' },
  }),
  'http-header': (of) => ({
    type: 'http_header',
    attributes: { ...matching(of), name: of.name ?? '', value: of.value ?? '' },
  }),
  'http-body': (of) => ({
    type: 'http_body',
    attributes: { ...matching(of), body: of.body ?? '', content_type: of.contentType ?? '' },
  }),
};

/** The toxic that a fault on an edge is; null for `refuse`, which is none. Parameters are checked and whole. */
export function toxicOf(kind: string, parameters: FaultParameters): Toxic | null {
  return toxics[kind]?.(parameters) ?? null;
}
