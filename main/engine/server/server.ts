import fastifyStatic from '@fastify/static';
import { type CreateFastifyContextOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import fastify, { type FastifyInstance } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { type ApiHandlers, FlotillaError, toErrorView } from '../../contract/index.ts';
import { drained } from './drained.ts';
import { Guard } from './guard.ts';
import { listenLocally } from './listen.ts';
import { buildRouter, type CallContext, catalogueCause, type EngineRouter } from './router.ts';
import { securityHeaders } from './security-headers.ts';

export interface ServerOptions {
  handlers: ApiHandlers;
  /** At least 32 characters; whoever has it may do everything. */
  token: string;
  /** The folder of the built console; null serves the API alone. */
  rendererDir: string | null;
  /** The port to use if it is free; 0 for any. */
  port: number;
  onError?(error: unknown, what: string): void;
}

export interface EngineServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Starts the engine's one HTTP and WebSocket server: the API under /api, sessions (/api/session, /api/ticket), the console. */
export async function startServer(options: ServerOptions): Promise<EngineServer> {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500 },
  });
  let port = 0;
  const guard = new Guard(options.token, () => port);
  const router = buildRouter(options.handlers);

  addGuard(app, guard, () => port);
  addSession(app, guard);
  await app.register(fastifyTRPCPlugin, {
    prefix: '/api',
    trpcOptions: {
      router,
      allowMethodOverride: true,
      createContext: ({ req }: CreateFastifyContextOptions): CallContext => ({
        authorized: guard.isAuthorized(req.raw),
        drained: () => Promise.resolve(),
      }),
      onError: ({ error, path }: { error: Error; path?: string }) => reportDefect(options, error, path),
    },
  });
  if (options.rendererDir) addConsole(app, options.rendererDir);
  const sockets = addSockets(app, guard, router, options);
  port = await listenLocally(app, options.port);

  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      sockets.broadcastReconnectNotification();
      for (const socket of sockets.server.clients) socket.terminate();
      sockets.server.close();
      await app.close();
    },
  };
}

function reportDefect(options: ServerOptions, error: Error, path: string | undefined): void {
  if (catalogueCause(error)) return;
  options.onError?.(error.cause ?? error, path ?? 'unknown call');
}

function addGuard(app: FastifyInstance, guard: Guard, port: () => number): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders(port()));
    guard.checkOrigin(request.raw);
    // The same address can be written in several ways (`/%61pi/ticket`): what counts is where the router leads to.
    const route = request.routeOptions.url;
    const isCall = [request.url, route].some((path) => path?.startsWith('/api/')) && route !== '/api/session';
    if (isCall && !guard.isAuthorized(request.raw)) throw new FlotillaError('UNAUTHORIZED');
  });
  app.setErrorHandler((error, _request, reply) => {
    const view = toErrorView(error);
    const given = (error as { statusCode?: number }).statusCode;
    const status = view.code === 'UNAUTHORIZED' ? 401 : view.code.startsWith('FORBIDDEN') ? 403 : (given ?? 500);
    void reply.status(status).send({ error: view });
  });
}

/**
 * The page shows the token or the ticket that came in its address once and has a cookie from then on, which no script can read.
 * A ticket is for those who hand the address to another program.
 */
function addSession(app: FastifyInstance, guard: Guard): void {
  app.post('/api/ticket', async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ ticket: guard.issueTicket() }),
  );
  app.post('/api/session', async (request, reply) => {
    if (!guard.maySignIn(request.raw)) throw new FlotillaError('UNAUTHORIZED');
    reply.header('set-cookie', `${guard.cookieName}=${guard.cookieValue}; Path=/; HttpOnly; SameSite=Strict`);
    return reply.status(204).send();
  });
}

/** The built console; unknown paths are its own, as every state of it is a link. */
function addConsole(app: FastifyInstance, rendererDir: string): void {
  void app.register(fastifyStatic, {
    root: rendererDir,
    setHeaders: (response, path) => {
      const named = path.includes('/assets/');
      response.header('cache-control', named ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.setNotFoundHandler((request, reply) => {
    // Names of services and topics, and searches, may hold dots: only the built files' own folder is not the console's.
    const isPage = request.method === 'GET' && !/^\/(api|assets)\//.test(request.url);
    if (isPage) return reply.header('cache-control', 'no-cache').sendFile('index.html');
    const view = new FlotillaError('NOT_FOUND', { what: 'address', name: request.url.split('?')[0] ?? '' }).toView();
    return reply.status(404).send({ error: view });
  });
}

function addSockets(app: FastifyInstance, guard: Guard, router: EngineRouter, options: ServerOptions) {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_BODY_BYTES });
  const handler = applyWSSHandler<EngineRouter>({
    wss: server,
    router,
    keepAlive: { enabled: true, pingMs: 15_000, pongWaitMs: 10_000 },
    createContext: ({ req, res, info }): CallContext => ({
      authorized: guard.isAuthorized(req) || guard.isToken(info.connectionParams?.token),
      drained: (signal) => drained(res, signal),
    }),
    onError: ({ error, path }) => reportDefect(options, error, path),
  });
  app.server.on('upgrade', (request, socket, head) => {
    const refuse = (status: string): void => {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    try {
      guard.checkOrigin(request);
    } catch {
      return refuse('403 Forbidden');
    }
    const path = request.url?.split('?')[0];
    if (path !== '/api') return refuse('404 Not Found');
    // A page has its cookie by now. Programs send the token as the first message, so only they may come without.
    if (request.headers.origin !== undefined && !guard.isAuthorized(request)) return refuse('401 Unauthorized');
    server.handleUpgrade(request, socket, head, (ws: WebSocket) => server.emit('connection', ws, request));
  });
  return { server, broadcastReconnectNotification: () => handler.broadcastReconnectNotification() };
}
