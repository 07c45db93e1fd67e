import { createTRPCUntypedClient, createWSClient, httpLink, splitLink, wsLink } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import type { FlotillaError } from '../contract/index.ts';
import { type ApiInput, type ApiOutput, api, type CallName, type SubscriptionName } from '../contract/index.ts';
import { ConnectionStatus, type StatusView } from './connection-status.ts';
import { toFlotillaError } from './transport-error.ts';

export interface ConnectOptions {
  /** `http://127.0.0.1:PORT`, where the engine listens. */
  url: string;
  /** Left out in a page, which has a session cookie instead. */
  token?: string;
  /** The constructor to use where the platform has none of its own (Node 20). */
  WebSocket?: typeof WebSocket;
}

export interface SubscriptionHandlers<T> {
  onData(data: T): void;
  /** The engine refused or ended it with an error. A dropped connection is none: the subscription resumes by itself. */
  onError?(error: FlotillaError): void;
  onEnd?(): void;
}

/** A connection to one engine: typed calls, subscriptions that resume after a drop, and how the connection is. */
export interface Client {
  readonly url: string;
  call<N extends CallName>(name: N, input: ApiInput<N>, signal?: AbortSignal): Promise<ApiOutput<N>>;
  /** Gives a function that ends the subscription. */
  subscribe<N extends SubscriptionName>(
    name: N,
    input: ApiInput<N>,
    handlers: SubscriptionHandlers<ApiOutput<N>>,
  ): () => void;
  readonly status: StatusView;
  /** Gives a function that stops listening. */
  onStatus(listener: (status: StatusView) => void): () => void;
  close(): void;
}

/** Milliseconds to wait before the nth attempt to reconnect: quick at first, never more than 3 s. */
export function reconnectDelayMs(attempt: number): number {
  return attempt === 0 ? 0 : Math.min(250 * 2 ** (attempt - 1), 3000);
}

/** Connects to an engine. Nothing is sent before the first call or subscription. */
export function connect(options: ConnectOptions): Client {
  const { url, token } = options;
  const ws = createWSClient({
    url: `${url.replace(/^http/, 'ws')}/api`,
    retryDelayMs: reconnectDelayMs,
    keepAlive: { enabled: true, intervalMs: 5000, pongTimeoutMs: 4000 },
    // How often tRPC looks whether any subscription is left: with 0 it would look 250 times a second while there is one.
    lazy: { enabled: true, closeMs: 2000 },
    ...(token === undefined ? {} : { connectionParams: { token } }),
    ...(options.WebSocket ? { WebSocket: options.WebSocket } : {}),
  });
  const status = new ConnectionStatus(ws.connectionState);
  const trpc = createTRPCUntypedClient<AnyTRPCRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: wsLink({ client: ws }),
        false: httpLink({
          url: `${url}/api`,
          methodOverride: 'POST',
          headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        }),
      }),
    ],
  });

  return {
    url,
    async call(name, input, signal) {
      const options = signal ? { signal } : {};
      try {
        const answer =
          api[name].kind === 'query' ? trpc.query(name, input, options) : trpc.mutation(name, input, options);
        return (await answer) as never;
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw toFlotillaError(error, url);
      }
    },
    subscribe(name, input, handlers) {
      const subscription = trpc.subscription(name, input, {
        onData: (value) => handlers.onData(unwrapTracked(value) as never),
        onError: (error) => handlers.onError?.(toFlotillaError(error, url)),
        onComplete: () => handlers.onEnd?.(),
      });
      return () => subscription.unsubscribe();
    },
    get status() {
      return status.view;
    },
    onStatus: (listener) => status.onChange(listener),
    close() {
      status.close();
      void ws.close();
    },
  };
}

/** Events that the engine numbers for resuming arrive as `{ id, data }`; the number is tRPC's business. */
function unwrapTracked(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && 'id' in value && 'data' in value) return value.data;
  return value;
}
