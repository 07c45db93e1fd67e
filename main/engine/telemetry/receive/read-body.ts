import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import type { BodyPool } from './body-pool.ts';
import { maxBodyBytes, maxInflatedBytes } from './sink.ts';

/** A body that is not taken, with the HTTP status that says why. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const inflaters = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;
/** Bodies being received or inflated at a time, all requests together. */
const maxBytesInHand = 256 << 20;
const megabytes = (bytes: number): string => `${bytes >> 20} MB`;

/** Reads bodies within limits: of one, and of all that are being read. */
export class BodyReader {
  private readonly pool: BodyPool;
  private inHand = 0;

  constructor(pool: BodyPool) {
    this.pool = pool;
  }

  /**
   * The whole body, inflated. Rejects with BodyError: 413 too large, 415 unknown encoding, 400 broken compression, 503 when too
   * many are being read at once.
   */
  async read(request: IncomingMessage): Promise<Uint8Array> {
    const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
    if (encoding !== 'identity' && !(encoding in inflaters)) {
      throw new BodyError(415, `the content encoding ${encoding} is not supported`);
    }
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge(maxBodyBytes, '');
    const raw = await this.collect(request);
    if (encoding === 'identity') return raw;
    const inflated = await this.inflate(raw, encoding as keyof typeof inflaters);
    if (raw.buffer instanceof ArrayBuffer) this.pool.give(raw.buffer);
    return inflated;
  }

  private async collect(request: IncomingMessage): Promise<Uint8Array> {
    let reserved = 0;
    try {
      reserved = this.take(Number(request.headers['content-length'] ?? 0));
      let body = this.pool.take(reserved);
      let length = 0;
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        if (length + chunk.length > maxBodyBytes) throw tooLarge(maxBodyBytes, '');
        if (length + chunk.length > body.length) {
          // Only a body that did not tell its length gets here.
          reserved += this.take(body.length + chunk.length);
          const larger = this.pool.take(body.length * 2 + chunk.length);
          larger.set(body.subarray(0, length));
          body = larger;
        }
        body.set(chunk, length);
        length += chunk.length;
      }
      return body.subarray(0, length);
    } finally {
      this.inHand -= reserved;
    }
  }

  private async inflate(raw: Uint8Array, encoding: keyof typeof inflaters): Promise<Uint8Array> {
    // Nobody knows how large it becomes, so room for the worst is set aside while it is done; small ones are many.
    const worst = Math.min(maxInflatedBytes, raw.length * 64);
    this.take(worst);
    try {
      return await inflaters[encoding](raw, { maxOutputLength: maxInflatedBytes });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
        throw tooLarge(maxInflatedBytes, ' inflated');
      throw new BodyError(400, `the ${encoding} compression is broken`);
    } finally {
      this.inHand -= worst;
    }
  }

  private take(bytes: number): number {
    if (this.inHand + bytes > maxBytesInHand) throw new BodyError(503, 'too many large requests at once');
    this.inHand += bytes;
    return bytes;
  }
}

function tooLarge(limit: number, how: string): BodyError {
  return new BodyError(413, `the body is larger than ${megabytes(limit)}${how}`);
}
