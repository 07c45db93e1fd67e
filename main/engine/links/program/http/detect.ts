import type { HttpContext, HttpSide, HttpWatch } from './http-watch.ts';
import { Http1Watch, looksLikeRequest } from './http1/http1-watch.ts';
import { Http2Watch } from './http2/http2-watch.ts';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/**
 * Waits for the client's first bytes to tell which HTTP it speaks, if any. HTTP/2 is followed always, because its
 * compressed headers can be read only from the connection's beginning; HTTP/1.1 when somebody wants it.
 */
class FirstBytes implements HttpWatch {
  readonly #side: HttpSide;
  readonly #context: HttpContext;
  #found: HttpWatch | null = null;
  #isOther = false;

  constructor(side: HttpSide, context: HttpContext) {
    this.#side = side;
    this.#context = context;
  }

  fromClient(chunk: Buffer): void {
    if (this.#found) {
      this.#found.fromClient(chunk);
      return;
    }
    this.#found = this.#detect(chunk);
    if (this.#found) this.#found.fromClient(chunk);
    else {
      this.#isOther = true;
      this.#side.toUpstream(chunk);
    }
  }

  fromUpstream(chunk: Buffer): void {
    if (this.#found) this.#found.fromUpstream(chunk);
    else this.#side.toClient(chunk);
  }

  clientEnded(): void {
    if (this.#found) this.#found.clientEnded();
    else this.#side.endUpstream();
  }

  upstreamEnded(): void {
    if (this.#found) this.#found.upstreamEnded();
    else this.#side.endClient();
  }

  changed(): void {
    this.#found?.changed();
  }

  get isUpstreamBlocked(): boolean {
    return this.#found?.isUpstreamBlocked ?? false;
  }

  get isDownstreamBlocked(): boolean {
    return this.#found?.isDownstreamBlocked ?? false;
  }

  get isOpaque(): boolean {
    return this.#found?.isOpaque ?? this.#isOther;
  }

  dispose(): void {
    this.#found?.dispose();
  }

  #detect(chunk: Buffer): HttpWatch | null {
    const compared = Math.min(chunk.length, PREFACE.length);
    // Three bytes tell the preface from every method ("PROPFIND" and the like differ in the third).
    if (compared >= 3 && PREFACE.compare(chunk, 0, compared, 0, compared) === 0) {
      return new Http2Watch(this.#side, this.#context);
    }
    if (!this.#context.isWanted() || !looksLikeRequest(chunk)) return null;
    return new Http1Watch(this.#side, this.#context, false);
  }
}

/** Looks for HTTP on a connection; null where it is under way and nobody wants it. */
export function detectHttp(side: HttpSide, context: HttpContext, isUnderWay: boolean): HttpWatch | null {
  if (!isUnderWay) return new FirstBytes(side, context);
  return context.isWanted() ? new Http1Watch(side, context, true) : null;
}
