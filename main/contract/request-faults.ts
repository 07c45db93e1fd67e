import type { FaultKind } from './chaos.ts';

/** Whether a fault is on single requests of HTTP or gRPC, and not on connections. */
export const isOnRequests = ({ kind }: Pick<FaultKind, 'kind'>): boolean => kind.startsWith('http-');

/** Whether requests of HTTP or gRPC may be found in what an edge speaks; `tcp` is what is not known. */
export const maySpeakHttp = ({ protocol }: { readonly protocol: string }): boolean =>
  ['http', 'grpc', 'tcp'].includes(protocol);
