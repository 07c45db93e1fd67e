import { createHash, randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** A registry of images on 127.0.0.1, which engines take without TLS: as much of the OCI distribution API as a pull asks for. */
export interface Registry {
  /** `127.0.0.1:40123` */
  readonly host: string;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
  /** Resolves when someone asks for a blob, which from now on is not given. */
  hold(): Promise<void>;
  /** From now on the second half of every blob is held until the function that it gives is called. */
  holdHalves(): () => void;
  close(): Promise<void>;
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
interface Blob {
  readonly digest: string;
  readonly bytes: Buffer;
}

const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const blobOf = (bytes: Buffer): Blob => ({ digest: sha256(bytes), bytes });

async function tarOf(name: string, content: Buffer): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name }, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** An image of so many layers that cannot be compressed. */
async function makeImage(layers: number, layerBytes: number) {
  const tars = await Promise.all(
    Array.from({ length: layers }, (_, n) => tarOf(`layer-${n}`, randomBytes(layerBytes))),
  );
  const blobs = tars.map((tar) => blobOf(gzipSync(tar, { level: 1 })));
  const config = blobOf(
    Buffer.from(
      JSON.stringify({
        architecture: process.arch === 'x64' ? 'amd64' : process.arch,
        os: 'linux',
        config: { Cmd: ['/layer-0'] },
        rootfs: { type: 'layers', diff_ids: tars.map(sha256) },
      }),
    ),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        size: config.bytes.length,
        digest: config.digest,
      },
      layers: blobs.map(({ digest, bytes }) => ({
        mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
        size: bytes.length,
        digest,
      })),
    }),
  );
  return { manifest, blobs: new Map([config, ...blobs].map((one) => [one.digest, one.bytes])) };
}

async function sendHalves(response: ServerResponse, bytes: Buffer, secondHalf: Promise<void>): Promise<void> {
  const half = Math.ceil(bytes.length / 2);
  response.write(bytes.subarray(0, half));
  await secondHalf;
  response.end(bytes.subarray(half));
}

/** Serves one image, `flotilla-test/app:1`, to whoever has the right `user:password`, or to all. */
export async function startRegistry({ login = null }: { login?: string | null } = {}): Promise<Registry> {
  const { manifest, blobs } = await makeImage(3, 1024 * 1024);
  const asked: string[] = [];
  let held: (() => void) | null = null;
  let secondHalf = Promise.resolve();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const given = Buffer.from(request.headers.authorization?.replace(/^Basic /, '') ?? '', 'base64').toString();
    if (login !== null && given !== login) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"', 'Content-Type': 'application/json' });
      return response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
    }
    if (path === '/v2/') return response.end('{}');
    const [, tag] = /^\/v2\/flotilla-test\/app\/manifests\/(.+)$/.exec(path) ?? [];
    if (tag === '1' || tag === sha256(manifest)) {
      const headers = {
        'Content-Type': MANIFEST,
        'Docker-Content-Digest': sha256(manifest),
        'Content-Length': manifest.length,
      };
      return response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : manifest);
    }
    const blob = blobs.get(/\/blobs\/(.+)$/.exec(path)?.[1] ?? '');
    if (blob !== undefined) {
      if (held !== null) return held();
      response.writeHead(200, { 'Content-Length': blob.length });
      return sendHalves(response, blob, secondHalf);
    }
    response.writeHead(404, { 'Content-Type': 'application/json' });
    return response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    hold: () => new Promise((resolve) => (held = resolve)),
    holdHalves() {
      let release = (): void => {};
      secondHalf = new Promise((resolve) => (release = resolve));
      return release;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
