/**
 * Unary gRPC from proto files at run time. A service declares its methods as a type beside the proto
 * (`protos/catalog.ts`), and both sides are checked against it:
 *
 *   const catalog = createGrpcClient<CatalogMethods>({ proto: 'catalog.proto', service: 'shop.catalog.v1.Catalog', address });
 *   const product = await catalog.call('getProduct', { sku }, { deadlineMs: 500 });
 *
 *   const server = createGrpcServer();
 *   server.add<CatalogMethods>('catalog.proto', 'shop.catalog.v1.Catalog', { getProduct: async ({ sku }) => ... });
 *   await server.listen(config.grpcPort);
 */
import {
  type ChannelOptions,
  type Client,
  credentials,
  type Deadline,
  loadPackageDefinition,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceClientConstructor,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { messageOf } from './backoff.ts';
import { log } from './log.ts';
import { protoPath } from './paths.ts';

/** Methods by their camelCase names. */
export type Methods = { [K: string]: { request: unknown; reply: unknown } };

export type RpcStatus = keyof typeof status;

/** A failed call, on both sides: a handler throws it, a client gets it. Anything else thrown becomes INTERNAL. */
export class RpcError extends Error {
  readonly code: RpcStatus;

  constructor(code: RpcStatus, message: string) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
  }
}

export interface GrpcClient<M> {
  /** Rejects with an RpcError; DEADLINE_EXCEEDED after `deadlineMs` (default 1000), CANCELLED when `signal` aborts. */
  call<K extends keyof M & string>(
    method: K,
    request: M[K] extends { request: infer R } ? R : never,
    options?: { deadlineMs?: number; signal?: AbortSignal },
  ): Promise<M[K] extends { reply: infer R } ? R : never>;
  close(): void;
}

export type Handlers<M> = {
  [K in keyof M]: M[K] extends { request: infer Q; reply: infer R } ? (request: Q) => Promise<R> : never;
};

const DEFAULT_DEADLINE_MS = 1_000;

const CHANNEL_OPTIONS: ChannelOptions = {
  // Where a name has several addresses, calls take turns among them.
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 3_000,
  'grpc.keepalive_time_ms': 20_000,
};

function loadService(proto: string, service: string): ServiceClientConstructor {
  const definition = loadSync(protoPath(proto), { longs: Number, enums: String, defaults: true, arrays: true });
  let found: unknown = loadPackageDefinition(definition);
  for (const part of service.split('.')) found = (found as Record<string, unknown> | undefined)?.[part];
  if (typeof found !== 'function') throw new Error(`${proto} has no service ${service}`);
  return found as ServiceClientConstructor;
}

/** A client for the service at `address` (`host:port`). It connects at the first call and reconnects by itself. */
export function createGrpcClient<M extends object>(options: {
  proto: string;
  service: string;
  address: string;
}): GrpcClient<M> {
  const Constructor = loadService(options.proto, options.service);
  const client: Client = new Constructor(options.address, credentials.createInsecure(), CHANNEL_OPTIONS);
  const methods = client as unknown as Record<string, UnaryMethod | undefined>;
  return {
    call: (method, request, { deadlineMs = DEFAULT_DEADLINE_MS, signal } = {}) =>
      new Promise((resolve, reject) => {
        const unary = methods[method];
        if (unary === undefined) throw new Error(`${options.service} has no method ${method}`);
        const deadline: Deadline = Date.now() + deadlineMs;
        const call = unary.call(client, request, new Metadata(), { deadline }, (error, reply) => {
          if (error !== null) reject(new RpcError(statusName(error.code), error.details));
          else resolve(reply as never);
        });
        signal?.addEventListener('abort', () => call.cancel(), { once: true });
      }),
    close: () => client.close(),
  };
}

type UnaryMethod = (
  request: unknown,
  metadata: Metadata,
  options: { deadline: Deadline },
  callback: (error: ServiceError | null, reply: unknown) => void,
) => { cancel(): void };

export interface GrpcServer {
  add<M extends object>(proto: string, service: string, handlers: Handlers<M>): void;
  /** Listens on HOST (default every interface); resolves to the port. */
  listen(port: number): Promise<number>;
  /** Lets calls in flight finish, at most 2 s. */
  close(): Promise<void>;
}

/** A gRPC server without TLS: inside the fleet. */
export function createGrpcServer(): GrpcServer {
  const server = new Server();
  return {
    add: (proto, service, handlers) => {
      const implementation = Object.fromEntries(
        Object.entries(handlers).map(([name, handler]) => [name, unaryHandler(service, name, handler as AnyHandler)]),
      );
      server.addService(loadService(proto, service).service, implementation);
    },
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.bindAsync(
          `${process.env.HOST ?? '0.0.0.0'}:${port}`,
          ServerCredentials.createInsecure(),
          (error, bound) => {
            if (error !== null) return reject(error);
            log.info({ port: bound }, 'gRPC is listening');
            resolve(bound);
          },
        );
      }),
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.forceShutdown(), 2_000);
        server.tryShutdown(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}

type AnyHandler = (request: unknown) => Promise<unknown>;

function unaryHandler(service: string, method: string, handler: AnyHandler) {
  return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>): void => {
    handler(call.request).then(
      (reply) => callback(null, reply),
      (error: unknown) => {
        const known = error instanceof RpcError;
        if (!known) log.error({ err: error, method: `${service}/${method}` }, 'call failed');
        callback({ code: known ? status[error.code] : status.INTERNAL, details: messageOf(error) });
      },
    );
  };
}

function statusName(code: number): RpcStatus {
  return (status[code] as RpcStatus | undefined) ?? 'UNKNOWN';
}

/** The statuses that say the other side is in trouble, rather than that it refused: for retries and circuit breakers. */
export function isRpcFailure(error: unknown): boolean {
  if (!(error instanceof RpcError)) return true;
  return ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'INTERNAL', 'UNKNOWN', 'RESOURCE_EXHAUSTED'].includes(error.code);
}

const HTTP_STATUSES: Partial<Record<RpcStatus, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 409,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  ABORTED: 409,
  RESOURCE_EXHAUSTED: 429,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/** The HTTP status that says the same: https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
export function httpStatusOf(code: RpcStatus): number {
  return HTTP_STATUSES[code] ?? 500;
}
