import net from 'node:net';
import type { Address } from './listen-address.ts';

/** What a read takes at most. */
const READ_BYTES = 64 * 1024;
/**
 * All ends read into this one, until a read fills it: who sends as much gets a buffer of his own, which is written from
 * without a copy. So a thousand quiet connections need none.
 */
const sharedBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
/** What came by the shared buffer is written from here: a write that cannot end at once keeps this, and the next is new. */
let writeBuffer: Buffer | null = null;

const KEEP_ALIVE_MS = 15_000;

/** What happens at one end of a connection. */
export interface EndListener {
  /** `chunk` is valid until this returns, and may be written until `resume` when it returns false. */
  received(chunk: Buffer): boolean;
  /** The peer has sent all it will send (FIN). */
  ended(): void;
  /** The connection broke, for example by a reset. */
  failed(): void;
  closed(): void;
  /** All that was written has left the process. */
  drained(): void;
}

/** Node's sockets keep the handle of the operating system's socket here. */
interface WithHandle {
  _handle: object | null;
}

type Open = (onread: net.OnReadOpts) => net.Socket;

// The handlers are the same functions for all ends, as there may be thousands.
const ends = new WeakMap<net.Socket, TcpEnd>();

function onEnd(this: net.Socket): void {
  ends.get(this)?.peerEnded();
}

function onError(this: net.Socket): void {
  ends.get(this)?.peerFailed();
}

function onClose(this: net.Socket): void {
  ends.get(this)?.socketClosed();
}

function connectTo(address: Address, connected: () => void): Open {
  const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, allowHalfOpen: true };
  return (onread) => net.connect({ ...address, ...options, onread }, connected);
}

/**
 * One TCP socket of a connection, as lean as Node allows: it reads into one buffer of its own (`onread`) and calls the
 * socket's `_write` instead of going through the bookkeeping of streams, which costs about as much as the system calls.
 */
export class TcpEnd {
  #socket: net.Socket;
  #buffer = sharedBuffer;
  /** Bytes that were written and have not left the process. */
  pending = 0;
  #listener: EndListener | null = null;
  #queue: Buffer[] = [];
  #writing = false;
  #inline = false;
  #finishing: 'no' | 'half' | 'full' = 'no';
  #isClosed = false;
  /** Where to connect to instead, as long as nobody has taken the connection. */
  #others: Open[] | null = null;

  private constructor(open: Open) {
    this.#socket = this.#opened(open);
  }

  #opened(open: Open): net.Socket {
    const socket = open({
      buffer: () => this.#buffer,
      callback: (bytes, buffer) => this.#received(buffer as Buffer, bytes),
    });
    ends.set(socket, this);
    return socket.on('end', onEnd).on('error', onError).on('close', onClose);
  }

  get socket(): net.Socket {
    return this.#socket;
  }

  /** The client's end: takes over a socket that a server made with `pauseOnConnect`. It reads from `resume` on. */
  static accepted(socket: net.Socket): TcpEnd {
    const handle = (socket as unknown as WithHandle)._handle;
    const end = new TcpEnd((onread) => {
      (socket as unknown as WithHandle)._handle = null;
      const options = { handle, onread, allowHalfOpen: true, pauseOnCreate: true };
      return new net.Socket(options as net.SocketConstructorOpts);
    });
    end.socket.setNoDelay(true);
    end.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    return end;
  }

  /**
   * The upstream's end: the first of these addresses, and where that does not take the connection the next one. `connected` is
   * called once, unless all of them fail.
   */
  static connecting([address, ...others]: readonly [Address, ...Address[]], connected: () => void): TcpEnd {
    if (others.length === 0) return new TcpEnd(connectTo(address, connected));
    const taken = (): void => {
      end.#others = null;
      connected();
    };
    const end = new TcpEnd(connectTo(address, taken));
    end.#others = others.map((other) => connectTo(other, taken));
    return end;
  }

  listen(listener: EndListener): void {
    this.#listener = listener;
  }

  peerEnded(): void {
    this.#listener?.ended();
  }

  peerFailed(): void {
    const other = this.#finishing === 'no' ? this.#others?.shift() : undefined;
    if (other === undefined) {
      this.#listener?.failed();
      return;
    }
    // What becomes of the socket that failed concerns nobody.
    ends.delete(this.#socket);
    this.#socket = this.#opened(other);
  }

  socketClosed(): void {
    this.#isClosed = true;
    this.#queue = [];
    this.#listener?.closed();
  }

  /** Writes; what cannot leave at once is counted in `pending`, and `drained` tells when it has left. */
  write(chunk: Buffer): void {
    if (this.#isClosed || this.#finishing !== 'no') return;
    this.pending += chunk.length;
    if (this.#writing) this.#queue.push(Buffer.from(chunk));
    else if (chunk.buffer === sharedBuffer.buffer) this.#sendCopy(chunk);
    else this.#send(chunk);
  }

  pause(): void {
    if (!this.#isClosed) this.#socket.pause();
  }

  resume(): void {
    if (!this.#isClosed) this.#socket.resume();
  }

  /** Sends FIN after what was written; reading goes on. */
  finish(): void {
    if (this.#finishing !== 'no') return;
    this.#finishing = 'half';
    if (!this.#writing) this.#finish();
  }

  /** Closes both ways after what was written. */
  close(): void {
    if (this.#finishing === 'full') return;
    const began = this.#finishing !== 'no' && !this.#writing;
    this.#finishing = 'full';
    if (began) this.#socket.destroy();
    else if (!this.#writing) this.#finish();
  }

  /** Closes with a reset (RST) instead of FIN; what was not sent is lost. */
  reset(): void {
    this.#finishing = 'full';
    if (!this.#isClosed) this.#socket.resetAndDestroy();
  }

  /** Closes at once. */
  destroy(): void {
    this.#finishing = 'full';
    this.#socket.destroy();
  }

  #received(buffer: Buffer, bytes: number): boolean {
    if (bytes === buffer.length && buffer === sharedBuffer) this.#buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    return this.#listener?.received(bytes === buffer.length ? buffer : buffer.subarray(0, bytes)) ?? true;
  }

  #sendCopy(chunk: Buffer): void {
    writeBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
    chunk.copy(writeBuffer);
    this.#send(writeBuffer.subarray(0, chunk.length));
    if (this.#writing) writeBuffer = null;
  }

  #send(chunk: Buffer): void {
    this.#writing = true;
    this.#inline = true;
    this.#socket._write(chunk, 'buffer' as BufferEncoding, this.#written);
    this.#inline = false;
  }

  #written = (error?: Error | null): void => {
    this.#writing = false;
    if (error || this.#isClosed) {
      this.pending = 0;
      this.#socket.destroy(error ?? undefined);
      return;
    }
    if (this.#queue.length > 0) {
      const [only] = this.#queue;
      const all = this.#queue.length === 1 && only ? only : Buffer.concat(this.#queue);
      this.#queue = [];
      this.pending = all.length;
      this.#send(all);
      return;
    }
    this.pending = 0;
    if (this.#finishing !== 'no') this.#finish();
    else if (!this.#inline) this.#listener?.drained();
  };

  #finish(): void {
    if (this.#finishing === 'full') this.#socket.end(() => this.#socket.destroy());
    else this.#socket.end();
  }
}
