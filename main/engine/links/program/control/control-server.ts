import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LinkError, linkErrors } from '../link-error.ts';
import type { LinkTable } from '../link-table.ts';
import { refusalOf } from './guard.ts';
import { metricsText } from './metrics.ts';
import { linkView, statsView, toxicsView, toxicView } from './views.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** The release of Toxiproxy whose API this is: clients choose by it how they call. */
const API_VERSION = '2.12.0';

export interface ControlOptions {
  readonly table: LinkTable;
  /** When set, every call has to carry it as `X-Flotilla-Token`. */
  readonly token: string | null;
  /** Names with a dot that this may be called by. */
  readonly allowedHosts: ReadonlySet<string>;
  /** Tells an engine whose program this is. */
  readonly id: string;
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  /** An object is sent as JSON. */
  readonly body?: unknown;
}

interface Call {
  readonly table: LinkTable;
  readonly id: string;
  readonly names: readonly string[];
  body(): Promise<unknown>;
}

interface Route {
  readonly path: RegExp;
  readonly methods: Readonly<Record<string, (call: Call) => Answer | Promise<Answer>>>;
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const nothing: Answer = { status: 204 };

const updateProxy = async ({ table, names: [name = ''], body }: Call): Promise<Answer> => {
  table.get(name);
  return ok(linkView(await table.update(name, await body())));
};

const updateToxic = async ({ table, names: [name = '', toxic = ''], body }: Call): Promise<Answer> => {
  table.get(name);
  return ok(toxicView(await table.updateToxic(name, toxic, await body())));
};

async function populate({ table, body }: Call): Promise<Answer> {
  const { done, error } = await table.populate(await body());
  const proxies = done.map(linkView);
  return error
    ? { status: error.status, body: { error: error.message, status: error.status, proxies } }
    : { status: 201, body: { proxies } };
}

/** Toxiproxy's routes (its README, "HTTP API"), and below /flotilla our own. */
const routes: readonly Route[] = [
  {
    path: /^\/proxies$/,
    methods: {
      GET: ({ table }) => ok(Object.fromEntries(table.all().map((link) => [link.name, linkView(link)]))),
      POST: async ({ table, body }) => ({ status: 201, body: linkView(await table.create(await body())) }),
    },
  },
  { path: /^\/populate$/, methods: { POST: populate } },
  {
    path: /^\/proxies\/([^/]+)$/,
    methods: {
      GET: ({ table, names: [name = ''] }) => ok(linkView(table.get(name))),
      POST: updateProxy,
      PATCH: updateProxy,
      DELETE: async ({ table, names: [name = ''] }) => {
        await table.remove(name);
        return nothing;
      },
    },
  },
  {
    path: /^\/proxies\/([^/]+)\/toxics$/,
    methods: {
      GET: ({ table, names: [name = ''] }) => ok(toxicsView(table.get(name))),
      POST: async ({ table, names: [name = ''], body }) => {
        table.get(name);
        return ok(toxicView(await table.addToxic(name, await body())));
      },
    },
  },
  {
    path: /^\/proxies\/([^/]+)\/toxics\/([^/]+)$/,
    methods: {
      GET: ({ table, names: [name = '', toxic = ''] }) => ok(toxicView(table.toxic(name, toxic))),
      POST: updateToxic,
      PATCH: updateToxic,
      DELETE: async ({ table, names: [name = '', toxic = ''] }) => {
        await table.removeToxic(name, toxic);
        return nothing;
      },
    },
  },
  {
    path: /^\/reset$/,
    methods: {
      POST: async ({ table }) => {
        await table.reset();
        return nothing;
      },
    },
  },
  { path: /^\/version$/, methods: { GET: () => ok({ version: API_VERSION }) } },
  {
    path: /^\/metrics$/,
    methods: {
      GET: ({ table }) => ({ status: 200, type: 'text/plain; version=0.0.4', body: metricsText(table.all()) }),
    },
  },
  {
    path: /^\/flotilla\/stats$/,
    methods: { GET: ({ table }) => ok(Object.fromEntries(table.all().map((link) => [link.name, statsView(link)]))) },
  },
  { path: /^\/flotilla\/info$/, methods: { GET: ({ id }) => ok({ id, pid: process.pid, atMs: Date.now() }) } },
];

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw linkErrors.badBody(`more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  if (bytes === 0) throw linkErrors.badBody('EOF');
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw linkErrors.badBody((error as Error).message);
  }
}

async function answerTo(request: IncomingMessage, options: ControlOptions): Promise<Answer> {
  const refusal = refusalOf(request, options);
  if (refusal) return { status: refusal.status, type: 'text/plain', body: `${refusal.message}\n` };
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  for (const route of routes) {
    const match = route.path.exec(path);
    if (!match) continue;
    const act = route.methods[request.method ?? ''];
    if (!act) return { status: 405 };
    const names = match.slice(1).map(decodeURIComponent);
    return act({ table: options.table, id: options.id, names, body: () => readJson(request) });
  }
  return { status: 404, type: 'text/plain', body: '404 page not found\n' };
}

function send(response: ServerResponse, { status, type = 'application/json', body }: Answer): void {
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) }).end(text);
}

function failure(error: unknown): Answer {
  const status = error instanceof LinkError ? error.status : error instanceof URIError ? 400 : 500;
  return { status, body: { error: error instanceof Error ? error.message : String(error), status } };
}

/** The server of the control API; the caller lets it listen. */
export function controlServer(options: ControlOptions): Server {
  return createServer((request, response) => {
    void answerTo(request, options)
      .catch(failure)
      .then((answer) => send(response, answer));
  });
}
