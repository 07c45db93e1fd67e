import type { Toxic } from '../../toxic.ts';
import { countResponse, type HttpContext, type HttpSide, type HttpWatch } from '../http-watch.ts';
import { delayOf, grpcStatusOf, type RequestEnd } from '../request-faults.ts';
import { dataFrame, errorCode, type FrameHeader, flag, frame, frameType, resetFrame, settingsOf } from './frames.ts';
import { creditFrames, Half, type HeaderBlock } from './half.ts';
import type { HeaderField } from './hpack.ts';
import { fieldOf, isGrpc, type Stream, withFields } from './stream.ts';

const PREFACE_BYTES = 24;
const HEADER_TABLE_SIZE = 1;
/** More held data than this stops reading from upstream. */
const MAX_HELD_BYTES = 1024 * 1024;
/** Streams that a fault ended, kept to know the frames that still come for them. */
const MAX_DEAD = 256;

/**
 * Follows the streams of an HTTP/2 connection, gRPC's calls among them, and carries out the faults on them without
 * holding up other streams. Bytes pass as they are until a fault keeps a header block back or changes one: HPACK's table
 * at the receiver then no longer is the sender's, so later blocks of that direction are encoded anew.
 */
export class Http2Watch implements HttpWatch {
  readonly #side: HttpSide;
  readonly #context: HttpContext;
  readonly #up: Half;
  readonly #down: Half;
  readonly #streams = new Map<number, Stream>();
  #dead: number[] = [];
  #highest = 0;
  #heldBytes = 0;
  #upstreamEnds = false;
  #isOpaque = false;

  constructor(side: HttpSide, context: HttpContext) {
    this.#side = side;
    this.#context = context;
    this.#up = new Half(
      {
        headers: (block) => this.#requestHeaders(block),
        passesData: ({ stream }) => !this.#streams.get(stream)?.swallowsRequest,
        data: ({ stream }, piece) => this.#credit(this.#up, this.#down, stream, piece.length),
        dataEnded: (header) => this.#requestDataEnded(header),
        control: (header, bytes) => this.#clientControl(header, bytes),
      },
      (chunk) => side.toUpstream(chunk),
      PREFACE_BYTES,
    );
    this.#down = new Half(
      {
        headers: (block) => this.#responseHeaders(block),
        passesData: ({ stream }) => passes(this.#streams.get(stream)),
        data: ({ stream }, piece) => this.#responseData(stream, piece),
        dataEnded: (header) => this.#responseDataEnded(header),
        control: (header, bytes) => this.#upstreamControl(header, bytes),
      },
      (chunk) => side.toClient(chunk),
      0,
    );
  }

  get isOpaque(): boolean {
    return this.#isOpaque;
  }

  readonly isUpstreamBlocked = false;

  get isDownstreamBlocked(): boolean {
    return this.#heldBytes > MAX_HELD_BYTES;
  }

  fromClient(chunk: Buffer): void {
    if (this.#isOpaque) this.#side.toUpstream(chunk);
    else this.#read(this.#up, chunk);
  }

  fromUpstream(chunk: Buffer): void {
    if (this.#isOpaque) this.#side.toClient(chunk);
    else this.#read(this.#down, chunk);
  }

  clientEnded(): void {
    this.#up.giveUp();
    this.#side.endUpstream();
  }

  upstreamEnded(): void {
    this.#upstreamEnds = true;
    if (this.#isHolding) return;
    this.#down.giveUp();
    this.#side.endClient();
  }

  changed(): void {
    const isGone = (toxic: Toxic): boolean => !this.#context.faults.isActive(toxic);
    for (const stream of [...this.#streams.values()]) {
      if (stream.hold && stream.plan?.delays.every(({ toxic }) => isGone(toxic))) this.#release(stream);
      if (stream.hanging && isGone(stream.hanging)) {
        stream.hanging = null;
        this.#down.inject(resetFrame(stream.id, errorCode.cancel));
      }
    }
  }

  dispose(): void {
    for (const { hold } of this.#streams.values()) if (hold) clearTimeout(hold.timer);
  }

  get #isHolding(): boolean {
    for (const { hold } of this.#streams.values()) if (hold) return true;
    return false;
  }

  #read(half: Half, chunk: Buffer): void {
    try {
      half.read(chunk);
    } catch {
      // Whatever this is, it cannot be followed. It goes on as it is, unless it no longer fits what was sent before.
      if (this.#up.isRecoding || this.#down.isRecoding) this.#side.close();
      else {
        this.#isOpaque = true;
        this.#up.giveUp();
        this.#down.giveUp();
      }
    }
  }

  #requestHeaders(block: HeaderBlock): void {
    const known = this.#streams.get(block.stream);
    if (known || block.stream <= this.#highest) {
      if (!known?.swallowsRequest || known.replacesRequest) this.#up.writeBlock(block);
      else this.#up.recode();
      if (block.flags & flag.endStream) this.#ended(known, 'request');
      return;
    }
    this.#highest = block.stream;
    const stream = this.#newStream(block);
    this.#streams.set(stream.id, stream);
    if (stream.plan?.end?.at === 'upstream') this.#refuse(stream, stream.plan.end);
    else this.#forwardRequest(stream, block);
    if (block.flags & flag.endStream) this.#ended(stream, 'request');
  }

  #newStream({ stream: id, fields }: HeaderBlock): Stream {
    const { faults, counters } = this.#context;
    counters.requests += 1;
    const header = (name: string): string | undefined => fieldOf(fields, name);
    const head = { method: header(':method') ?? '', path: header(':path') ?? '', header };
    const plan = faults.isAny ? faults.plan(head) : null;
    if (plan) counters.faults += 1;
    return {
      id,
      plan,
      isGrpc: isGrpc(fields),
      isHead: head.method === 'HEAD',
      swallowsRequest: false,
      replacesRequest: false,
      swallowsResponse: false,
      replacesResponse: false,
      hasAnswer: false,
      requestEnded: false,
      responseEnded: false,
      hanging: null,
      hold: null,
      collected: [],
    };
  }

  #forwardRequest(stream: Stream, block: HeaderBlock): void {
    const headers = stream.plan?.headers.filter(({ at }) => at === 'upstream') ?? [];
    const endsStream = (block.flags & flag.endStream) !== 0;
    const body = endsStream ? undefined : stream.plan?.bodies.upstream;
    if (headers.length === 0 && !body) {
      this.#up.writeBlock(block);
      return;
    }
    this.#up.recode();
    const fields = withFields(block.fields, headers, body);
    this.#up.writeFields(frameType.headers, endsStream ? flag.endStream : 0, stream.id, fields);
    if (!body) return;
    const payload = framedBody(body.body, stream.isGrpc);
    this.#up.writeOwnData(dataFrame(stream.id, payload, false), payload.length);
    stream.swallowsRequest = true;
    stream.replacesRequest = true;
  }

  /** A fault ends the request before upstream has seen it. */
  #refuse(stream: Stream, end: RequestEnd): void {
    this.#up.recode();
    stream.swallowsRequest = true;
    stream.responseEnded = true;
    this.#bury(stream);
    this.#finishAtClient(stream, end);
  }

  #finishAtClient(stream: Stream, end: RequestEnd): void {
    if (end.kind === 'hang') {
      stream.hanging = end.toxic;
      return;
    }
    if (end.kind === 'reset') {
      this.#down.inject(resetFrame(stream.id, errorCode.internal));
      return;
    }
    const { status, body } = end.toxic.attributes;
    const text = Buffer.from(String(body));
    if (stream.isGrpc) {
      const code = grpcStatusOf(end.toxic);
      if (code !== 0) this.#context.counters.grpcErrors += 1;
      countResponse(this.#context.counters, 200);
      const fields: HeaderField[] = [
        [':status', '200'],
        ['content-type', 'application/grpc'],
        ['grpc-status', String(code)],
        ['grpc-message', encodeURIComponent(text.length > 0 ? text.toString() : `fault ${end.toxic.name}`)],
      ];
      this.#down.writeFields(frameType.headers, flag.endStream, stream.id, fields);
      return;
    }
    countResponse(this.#context.counters, Number(status));
    const hasBody = text.length > 0 && !stream.isHead && status !== 204 && status !== 304;
    const fields: HeaderField[] = [
      [':status', String(status)],
      ['content-length', String(text.length)],
      ['x-flotilla-fault', end.toxic.name.replace(/[^\x20-\x7e]/g, '?')],
    ];
    this.#down.writeFields(frameType.headers, hasBody ? 0 : flag.endStream, stream.id, fields);
    if (hasBody) this.#down.writeOwnData(dataFrame(stream.id, text, true), text.length);
  }

  #requestDataEnded(header: FrameHeader): void {
    const stream = this.#streams.get(header.stream);
    if ((header.flags & flag.endStream) === 0) return;
    if (stream?.replacesRequest) this.#up.inject(dataFrame(stream.id, Buffer.alloc(0), true));
    this.#ended(stream, 'request');
  }

  #responseHeaders(block: HeaderBlock): void {
    const stream = this.#streams.get(block.stream);
    if (block.type === frameType.pushPromise || !stream) {
      this.#down.writeBlock(block);
      return;
    }
    if (stream.swallowsResponse && !stream.replacesResponse) {
      this.#down.recode();
      if (block.flags & flag.endStream) this.#ended(stream, 'response');
      return;
    }
    const status = Number(fieldOf(block.fields, ':status') ?? 0);
    const isAnswer = status >= 200 && !stream.hasAnswer;
    this.#count(stream, block.fields, isAnswer ? status : 0);
    if (isAnswer) {
      stream.hasAnswer = true;
      if (stream.plan?.end?.at === 'downstream') {
        this.#replaceAnswer(stream, stream.plan.end, block);
        return;
      }
      this.#beginHold(stream);
    }
    this.#writeResponse(stream, block, isAnswer);
    if (block.flags & flag.endStream) this.#ended(stream, 'response');
  }

  #count(stream: Stream, fields: readonly HeaderField[], status: number): void {
    if (stream.plan?.end) return;
    if (status > 0) countResponse(this.#context.counters, status);
    const grpc = fieldOf(fields, 'grpc-status');
    if (grpc !== undefined && grpc !== '0') this.#context.counters.grpcErrors += 1;
  }

  /** Upstream has answered, and the client is told something else. */
  #replaceAnswer(stream: Stream, end: RequestEnd, block: HeaderBlock): void {
    this.#down.recode();
    stream.swallowsResponse = true;
    stream.swallowsRequest = true;
    this.#bury(stream);
    this.#finishAtClient(stream, end);
    if ((block.flags & flag.endStream) === 0) this.#up.inject(resetFrame(stream.id, errorCode.cancel));
    else this.#ended(stream, 'response');
  }

  #writeResponse(stream: Stream, block: HeaderBlock, isAnswer: boolean): void {
    const endsStream = (block.flags & flag.endStream) !== 0;
    const headers = isAnswer ? (stream.plan?.headers.filter(({ at }) => at === 'downstream') ?? []) : [];
    const body = isAnswer && !endsStream ? stream.plan?.bodies.downstream : undefined;
    if (stream.hold || headers.length > 0 || body) this.#down.recode();
    const fields = withFields(block.fields, headers, body);
    const writes = (): void =>
      this.#down.isRecoding
        ? this.#down.writeFields(block.type, endsStream ? flag.endStream : 0, stream.id, fields)
        : this.#down.writeBlock(block);
    this.#hold(stream, 0, writes);
    if (!body) return;
    const payload = framedBody(body.body, stream.isGrpc);
    this.#hold(stream, 0, () => this.#down.writeOwnData(dataFrame(stream.id, payload, false), payload.length));
    stream.swallowsResponse = true;
    stream.replacesResponse = true;
  }

  #responseData(id: number, piece: Buffer): void {
    const stream = this.#streams.get(id);
    if (!stream || stream.swallowsResponse) this.#credit(this.#down, this.#up, id, piece.length);
    else stream.collected.push(Buffer.from(piece));
  }

  #responseDataEnded(header: FrameHeader): void {
    const stream = this.#streams.get(header.stream);
    if (!stream) return;
    const payload = Buffer.concat(stream.collected.splice(0));
    const endsStream = (header.flags & flag.endStream) !== 0;
    if (!stream.swallowsResponse && (stream.hold || payload.length > 0)) {
      const held = frame(frameType.data, header.flags, stream.id, payload);
      this.#hold(stream, payload.length, () => this.#down.inject(held));
    }
    if (endsStream && stream.replacesResponse) {
      this.#hold(stream, 0, () => this.#down.inject(dataFrame(stream.id, Buffer.alloc(0), true)));
    }
    if (endsStream) this.#ended(stream, 'response');
  }

  #clientControl({ type, stream: id, flags }: FrameHeader, bytes: Buffer): boolean {
    if (type === frameType.settings && !(flags & flag.ack)) {
      const size = settingsOf(bytes).get(HEADER_TABLE_SIZE);
      if (size !== undefined) this.#down.decoder.limit = size;
      return true;
    }
    if (type === frameType.windowUpdate && id === 0 && bytes.length >= 13) return this.#connectionWindow(bytes);
    const stream = this.#streams.get(id);
    if (type === frameType.rstStream && stream) {
      this.#drop(stream);
      return !stream.swallowsRequest || stream.replacesRequest;
    }
    if (!stream || stream.plan === null) return true;
    if (type === frameType.windowUpdate) return !stream.swallowsRequest && !stream.swallowsResponse;
    return !stream.swallowsRequest || stream.replacesRequest;
  }

  /** What the client gives back for DATA that upstream did not send is not passed on. */
  #connectionWindow(bytes: Buffer): boolean {
    const increment = bytes.readUInt32BE(9) & 0x7fffffff;
    const settled = this.#down.settle(increment);
    if (settled === increment) return true;
    if (settled > 0) this.#up.inject(creditFrames(0, settled, 0));
    return false;
  }

  #upstreamControl({ type, stream: id, flags }: FrameHeader, bytes: Buffer): boolean {
    if (type === frameType.settings && !(flags & flag.ack)) {
      const size = settingsOf(bytes).get(HEADER_TABLE_SIZE);
      if (size !== undefined) this.#up.decoder.limit = size;
      return true;
    }
    const stream = this.#streams.get(id);
    if (!stream) return true;
    if (type === frameType.rstStream) {
      if (stream.hold) {
        const copy = Buffer.from(bytes);
        this.#hold(stream, 0, () => this.#down.inject(copy));
        this.#ended(stream, 'response');
        return false;
      }
      this.#streams.delete(id);
      return !stream.swallowsResponse || stream.replacesResponse;
    }
    return type !== frameType.windowUpdate || !stream.swallowsRequest;
  }

  /** The client has given a stream up. */
  #drop(stream: Stream): void {
    if (stream.hold) {
      clearTimeout(stream.hold.timer);
      this.#heldBytes -= stream.hold.bytes;
      this.#credit(this.#down, this.#up, 0, stream.hold.bytes);
      stream.hold = null;
    }
    this.#streams.delete(stream.id);
  }

  /** Gives the sender of one direction the window back for what the receiver never sees. */
  #credit(from: Half, back: Half, id: number, bytes: number): void {
    const stream = this.#streams.get(id);
    const goesOn = stream && (from === this.#up ? !stream.requestEnded : !stream.responseEnded);
    const frames = creditFrames(bytes, from.settle(bytes), goesOn ? id : 0);
    if (frames.length > 0) back.inject(frames);
  }

  #beginHold(stream: Stream): void {
    const waitMs = delayOf(stream.plan, 'upstream') + delayOf(stream.plan, 'downstream');
    if (waitMs <= 0) return;
    stream.hold = { timer: setTimeout(() => this.#release(stream), waitMs), writes: [], bytes: 0 };
  }

  /** Writes now, or when the stream's time has come. */
  #hold(stream: Stream, bytes: number, write: () => void): void {
    if (!stream.hold) {
      write();
      return;
    }
    stream.hold.writes.push(write);
    stream.hold.bytes += bytes;
    this.#heldBytes += bytes;
  }

  #release(stream: Stream): void {
    const { hold } = stream;
    if (!hold) return;
    clearTimeout(hold.timer);
    stream.hold = null;
    this.#heldBytes -= hold.bytes;
    for (const write of hold.writes) write();
    this.#forget(stream);
    if (this.#upstreamEnds && !this.#isHolding) this.upstreamEnded();
    this.#side.relieved();
  }

  #ended(stream: Stream | undefined, what: 'request' | 'response'): void {
    if (!stream) return;
    if (what === 'request') stream.requestEnded = true;
    else stream.responseEnded = true;
    this.#forget(stream);
  }

  #forget(stream: Stream): void {
    if (
      stream.requestEnded &&
      stream.responseEnded &&
      !stream.hold &&
      !stream.hanging &&
      !this.#dead.includes(stream.id)
    ) {
      this.#streams.delete(stream.id);
    }
  }

  /** Keeps a stream that a fault ended, for the frames that are still on their way. */
  #bury(stream: Stream): void {
    this.#dead.push(stream.id);
    if (this.#dead.length <= MAX_DEAD) return;
    const oldest = this.#dead.shift();
    const found = oldest === undefined ? undefined : this.#streams.get(oldest);
    if (found && !found.hanging) this.#streams.delete(found.id);
  }
}

/** Whether DATA of upstream goes to the client as it is. */
const passes = (stream: Stream | undefined): boolean => !stream || (!stream.swallowsResponse && !stream.hold);

/** A replaced body; for gRPC as one message of the stream (a flag and the length before it). */
function framedBody(body: Buffer, grpc: boolean): Buffer {
  if (!grpc) return body;
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}
