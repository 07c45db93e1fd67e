import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
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
  private inHand = 0;

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
    return this.inflate(raw, encoding as keyof typeof inflaters);
  }

  private async collect(request: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        this.take(chunk.length);
        length += chunk.length;
        if (length > maxBodyBytes) throw tooLarge(maxBodyBytes, '');
        chunks.push(chunk);
      }
    } finally {
      this.inHand -= length;
    }
    const body = Buffer.allocUnsafeSlow(length);
    let at = 0;
    for (const chunk of chunks) at += chunk.copy(body, at);
    return body;
  }

  private async inflate(raw: Buffer, encoding: keyof typeof inflaters): Promise<Uint8Array> {
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

  private take(bytes: number): void {
    if (this.inHand + bytes > maxBytesInHand) throw new BodyError(503, 'too many large requests at once');
    this.inHand += bytes;
  }
}

function tooLarge(limit: number, how: string): BodyError {
  return new BodyError(413, `the body is larger than ${megabytes(limit)}${how}`);
}
