import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BodyPool } from './body-pool.ts';
import type { Signal } from './otlp-proto.ts';
import { BodyError, BodyReader } from './read-body.ts';
import { encodeExportResponse, encodeStatus, exportResponseJson, rpcCodes } from './rpc-status.ts';
import { isLocalHost, type Sink } from './sink.ts';

const signals: Record<string, Signal> = { '/v1/traces': 'traces', '/v1/logs': 'logs', '/v1/metrics': 'metrics' };
const protobufType = 'application/x-protobuf';
const jsonType = 'application/json';
const retryAfterSeconds = '1';
/** How long the rest of a refused body is read (and thrown away), so that its sender gets to see the answer. */
const drainMs = 5000;

const codeOfStatus: Record<number, number> = {
  400: rpcCodes.invalidArgument,
  403: rpcCodes.permissionDenied,
  413: rpcCodes.resourceExhausted,
  503: rpcCodes.unavailable,
};

export interface Receiver {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp), on 127.0.0.1 unless told otherwise. Tools on this machine need no token; pages in a
 * browser and foreign names are refused. Rejects with the system's error when the port cannot be had.
 */
export async function startOtlpHttp(port: number, sink: Sink, pool: BodyPool, host = '127.0.0.1'): Promise<Receiver> {
  const bodies = new BodyReader(pool);
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 20_000, keepAliveTimeout: 65_000 });
  server.on('request', (request, response) => {
    handle(request, response, bodies, sink).catch((error: unknown) => {
      const status = error instanceof BodyError ? error.status : 500;
      refuse(request, response, status, error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  bodies: BodyReader,
  sink: Sink,
): Promise<void> {
  const signal = signals[(request.url ?? '').split('?')[0] ?? ''];
  const type = contentType(request);
  if (!isLocalHost(request.headers.host ?? '') || request.headers.origin !== undefined) {
    throw new BodyError(403, 'requests from web pages and foreign names are refused');
  }
  if (signal === undefined) throw new BodyError(404, 'there are /v1/traces, /v1/logs and /v1/metrics');
  if (request.method !== 'POST') throw new BodyError(405, 'only POST is understood');
  if (type !== protobufType && type !== jsonType) {
    throw new BodyError(415, `the content type is neither ${protobufType} nor ${jsonType}`);
  }
  const body = await bodies.read(request);
  const json = type === jsonType;
  const answer = await sink(signal, json, body);
  if (answer.status === 'invalid') throw new BodyError(400, answer.reason);
  if (answer.status === 'unavailable') throw new BodyError(503, answer.reason);
  const { rejected, reason } = answer;
  send(
    response,
    200,
    type,
    json ? exportResponseJson(signal, rejected, reason) : encodeExportResponse(rejected, reason),
  );
}

function contentType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** An error as OTLP wants it: a google.rpc.Status in the request's own format. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, message: string): void {
  if (response.headersSent || response.destroyed) return;
  if (status === 503) response.setHeader('retry-after', retryAfterSeconds);
  if (status === 405) response.setHeader('allow', 'POST');
  const code = codeOfStatus[status] ?? (status === 500 ? rpcCodes.internal : rpcCodes.unimplemented);
  const isProtobuf = contentType(request) === protobufType;
  const type = isProtobuf ? protobufType : jsonType;
  const body = isProtobuf ? encodeStatus(code, message) : JSON.stringify({ code, message });
  if (request.complete) send(response, status, type, body);
  else sendEarly(request, response, status, type, body);
}

/**
 * Answers while the request is still coming. A connection that is closed with bytes unread is reset, and the answer may be
 * lost with it: so it is closed when the client has ended its request, or has had time to read the answer.
 */
function sendEarly(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
): void {
  response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.write(body);
  const timer = setTimeout(() => request.socket.destroy(), drainMs);
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  request.once('end', end).once('close', end).resume();
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
