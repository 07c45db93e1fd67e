import { context, trace } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type Checks, runChecks } from './health.ts';
import { log } from './log.ts';
import { shutdownTelemetry } from './telemetry-handle.ts';

/** What runs as a service. Only `name`, `port` and what differs from nothing need be given. */
export interface Service {
  name: string;
  /** The HTTP port; 0 lets the system choose. The address is HOST, or every interface. */
  port: number;
  /** Whether `x-forwarded-for` tells who asks: only behind a proxy that sets it. */
  trustProxy?: boolean;
  /** Registers routes and plugins. Requests reach them only after `start` has finished. */
  http?(app: FastifyInstance): void | Promise<void>;
  /** Connects, migrates, subscribes. While it runs the service is alive but not ready. A rejection ends the process. */
  start?(): Promise<void>;
  /** What the service cannot do without, each with a check that rejects when it is away. Shown by /health/ready. */
  ready?: Checks;
  /** Stops consumers and closes connections, after the last HTTP request in flight has been answered. */
  stop?(): Promise<void>;
}

type State = 'starting' | 'ready' | 'draining';

/** A service has to be gone within 5 s of SIGTERM; what has not finished by then is cut off. */
const DRAIN_LIMIT_MS = 4_500;
const SWEEP_MS = 50;

/**
 * Runs a service until SIGTERM or SIGINT: listens, starts it, answers /health/live and /health/ready, then drains (ready
 * turns 503, no new connections, requests in flight finish, `stop`, telemetry is flushed) and exits with code 0.
 */
export function runService(service: Service): void {
  const stateOf: { state: State } = { state: 'starting' };
  const app = createApp(service, stateOf);
  drainOnSignal(service, app, stateOf);
  void start(service, app, stateOf);
}

async function start(service: Service, app: FastifyInstance, stateOf: { state: State }): Promise<void> {
  try {
    await service.http?.(app);
    const address = await app.listen({ host: process.env.HOST ?? '0.0.0.0', port: service.port });
    log.info({ address }, `${service.name} is listening`);
    await service.start?.();
  } catch (err) {
    log.fatal({ err }, `${service.name} could not start`);
    process.exit(1);
  }
  if (stateOf.state !== 'starting') return;
  stateOf.state = 'ready';
  const { user, system } = process.cpuUsage();
  const cpuMs = Math.round((user + system) / 1_000);
  log.info({ startedInMs: Math.round(process.uptime() * 1_000), cpuMs }, `${service.name} is ready`);
}

function createApp(service: Service, stateOf: { state: State }): FastifyInstance {
  const app = fastify({ forceCloseConnections: 'idle', trustProxy: service.trustProxy ?? false });

  app.get('/health/live', async () => ({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    const report = await runChecks(service.ready ?? {});
    const ready = stateOf.state === 'ready' && report.ok;
    reply.code(ready ? 200 : 503);
    return {
      status: stateOf.state === 'ready' ? (report.ok ? 'ready' : 'unready') : stateOf.state,
      checks: report.checks,
    };
  });

  app.addHook('onRequest', async (request, reply) => {
    nameSpanAfterRoute(request.routeOptions.url);
    if (stateOf.state === 'starting' && !request.url.startsWith('/health/')) {
      reply.code(503).header('retry-after', '1');
      return reply.send({ error: 'starting', message: `${service.name} is starting.` });
    }
  });
  const reasons = new WeakMap<FastifyRequest, string>();
  app.addHook('onError', async (request, _reply, error) => {
    // An error that knows its status was thrown on purpose; any other is a bug, and its stack is of interest.
    if (error.statusCode === undefined) log.error({ err: error }, error.message);
    else reasons.set(request, error.message);
  });
  app.addHook('onResponse', async (request, reply) => {
    if (request.url.startsWith('/health/')) return;
    const entry = {
      method: request.method,
      path: request.url,
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      reason: reasons.get(request),
    };
    if (reply.statusCode >= 500) log.warn(entry, 'request failed');
    else log.debug(entry, 'request answered');
  });
  return app;
}

/** The HTTP instrumentation names a server span `METHOD route` when something tells it the route. */
function nameSpanAfterRoute(route: string | undefined): void {
  if (route === undefined) return;
  const metadata = getRPCMetadata(context.active());
  if (metadata?.type === RPCType.HTTP) metadata.route = route;
  else trace.getActiveSpan()?.setAttribute('http.route', route);
}

function drainOnSignal(service: Service, app: FastifyInstance, stateOf: { state: State }): void {
  const drain = async (signal: NodeJS.Signals): Promise<void> => {
    if (stateOf.state === 'draining') return;
    stateOf.state = 'draining';
    log.info({ signal }, `${service.name} is draining`);
    setTimeout(() => {
      log.warn(`${service.name} was cut off: something did not finish within ${DRAIN_LIMIT_MS} ms`);
      process.exit(0);
    }, DRAIN_LIMIT_MS).unref();
    // A connection that a request in flight came by is kept alive after its answer, and would hold up the close.
    const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
    try {
      await app.close();
      clearInterval(sweep);
      await service.stop?.();
    } catch (err) {
      log.warn({ err }, `${service.name} did not stop cleanly`);
    }
    await shutdownTelemetry();
    log.info(`${service.name} has stopped`);
    process.exit(0);
  };
  process.on('SIGTERM', drain);
  process.on('SIGINT', drain);
}
