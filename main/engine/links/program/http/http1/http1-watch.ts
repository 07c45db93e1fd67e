import { STATUS_CODES } from 'node:http';
import { countResponse, type HttpContext, type HttpSide, type HttpWatch } from '../http-watch.ts';
import { delayOf, type RequestEnd, type RequestPlan } from '../request-faults.ts';
import type { BodyKind } from './body-scanner.ts';
import { formatHead, type Head, headerOf, withHeaders } from './head.ts';
import { MessageReader } from './message-reader.ts';
import { requestBody, requestLine, responseBody, statusOf } from './messages.ts';
import { isWholeRequest, NEEDS_A_LOOK, wholeResponse } from './whole-message.ts';

/** With more requests that wait for their responses, the client is not read on. */
const MAX_PIPELINED = 1000;

/** A request whose response has not passed yet. */
interface Exchange {
  readonly method: string;
  readonly plan: RequestPlan | null;
  /** The link answers it itself. */
  readonly answer: { readonly bytes: Buffer; readonly closes: boolean } | null;
}

/** A request that no fault acts on, and whose answer ends as its fields say. */
const PLAIN: Exchange = { method: 'GET', plan: null, answer: null };

/** Data that waits for its time: all that comes after it on this direction waits too. */
interface Hold {
  readonly plan: RequestPlan;
  readonly timer: NodeJS.Timeout;
  bytes: Buffer[];
}

/** Whether a chunk begins like an HTTP/1 request. */
export const looksLikeRequest = (chunk: Buffer): boolean =>
  /^[A-Z]{3,20} [/*a-z]/.test(chunk.toString('latin1', 0, 24));

/**
 * Follows the messages of an HTTP/1.1 connection, pipelined ones too, and carries out the faults on them. What turns out
 * not to be HTTP/1.1, or is upgraded, passes unseen from there on.
 */
export class Http1Watch implements HttpWatch {
  readonly #side: HttpSide;
  readonly #context: HttpContext;
  readonly #requests: MessageReader;
  readonly #responses: MessageReader;
  #exchanges: Exchange[] = [];
  #hanging: RequestEnd | null = null;
  #heldRequests: Hold | null = null;
  #heldResponses: Hold | null = null;
  /** The plan of the message that was held and now is read again. */
  #waited: RequestPlan | null = null;
  #clientEnds = false;
  #upstreamEnds = false;
  #isOpaque = false;
  /** In the middle of a connection, nothing is known before a request begins. */
  #isInStep: boolean;

  /** @param isUnderWay the connection was open before */
  constructor(side: HttpSide, context: HttpContext, isUnderWay: boolean) {
    this.#side = side;
    this.#context = context;
    this.#isInStep = !isUnderWay;
    const broken = (): void => this.#becomeOpaque();
    this.#requests = new MessageReader({
      isFirstLine: (firstLine) => requestLine({ firstLine }) !== null,
      head: (bytes, head) => this.#request(bytes, head),
      done: () => {},
      broken,
      write: (chunk) => side.toUpstream(chunk),
    });
    this.#responses = new MessageReader({
      isFirstLine: (firstLine) => statusOf({ firstLine }) !== null,
      head: (bytes, head) => this.#response(bytes, head),
      done: () => this.#responseDone(),
      broken,
      write: (chunk) => side.toClient(chunk),
    });
  }

  get isOpaque(): boolean {
    return this.#isOpaque || (!this.#context.isWanted() && this.#isIdle);
  }

  get isUpstreamBlocked(): boolean {
    return this.#heldRequests !== null || this.#exchanges.length > MAX_PIPELINED;
  }

  get isDownstreamBlocked(): boolean {
    return this.#heldResponses !== null;
  }

  fromClient(chunk: Buffer): void {
    if (this.#isOpaque) {
      this.#side.toUpstream(chunk);
      return;
    }
    if (this.#heldRequests) {
      this.#heldRequests.bytes.push(Buffer.from(chunk));
      return;
    }
    if (this.#countRequest(chunk)) {
      this.#side.toUpstream(chunk);
      return;
    }
    if (!this.#isInStep) this.#isInStep = looksLikeRequest(chunk);
    if (this.#isInStep) this.#requests.read(chunk);
    else this.#side.toUpstream(chunk);
  }

  fromUpstream(chunk: Buffer): void {
    if (this.#isOpaque) {
      this.#side.toClient(chunk);
      return;
    }
    if (this.#heldResponses) {
      this.#heldResponses.bytes.push(Buffer.from(chunk));
      return;
    }
    if (this.#countResponse(chunk)) {
      this.#side.toClient(chunk);
      this.#responseDone();
      return;
    }
    // What comes without a request (408 before a server closes, or another protocol) is nobody's answer.
    if (this.#exchanges.length === 0) this.#side.toClient(chunk);
    else this.#responses.read(chunk);
  }

  clientEnded(): void {
    this.#clientEnds = true;
    if (this.#heldRequests) return;
    this.#requests.flush();
    this.#side.endUpstream();
  }

  upstreamEnded(): void {
    this.#upstreamEnds = true;
    if (this.#heldResponses) return;
    this.#responses.flush();
    this.#side.endClient();
  }

  changed(): void {
    if (this.#hanging && !this.#context.faults.isActive(this.#hanging.toxic)) this.#side.close();
    for (const hold of [this.#heldRequests, this.#heldResponses]) {
      if (hold && !hold.plan.delays.some(({ toxic }) => this.#context.faults.isActive(toxic))) this.#release(hold);
    }
  }

  dispose(): void {
    for (const hold of [this.#heldRequests, this.#heldResponses]) if (hold) clearTimeout(hold.timer);
  }

  get #isIdle(): boolean {
    const isBetween = this.#requests.isBetweenMessages && this.#responses.isBetweenMessages;
    return isBetween && this.#exchanges.length === 0 && !this.#heldRequests && !this.#heldResponses;
  }

  /** Counts the one whole request that a chunk most often is; false when it has to be read. */
  #countRequest(chunk: Buffer): boolean {
    if (this.#context.faults.isAny || this.#hanging || !this.#requests.isBetweenMessages || !isWholeRequest(chunk)) {
      return false;
    }
    this.#isInStep = true;
    this.#context.counters.requests += 1;
    this.#exchanges.push(PLAIN);
    return true;
  }

  /** Counts the one whole response to a plain request; false when it has to be read. */
  #countResponse(chunk: Buffer): boolean {
    if (this.#exchanges[0] !== PLAIN || this.#hanging || !this.#responses.isBetweenMessages) return false;
    const status = wholeResponse(chunk);
    if (status === NEEDS_A_LOOK) return false;
    countResponse(this.#context.counters, status);
    return true;
  }

  #request(bytes: Buffer, head: Head): void {
    const line = requestLine(head);
    const body = line && requestBody(head);
    if (!line || !body) {
      this.#requests.break(bytes);
      return;
    }
    // What comes behind a request that hangs cannot be answered before it.
    if (this.#hanging) {
      this.#requests.begin(body, true);
      return;
    }
    const plan = this.#waited ?? this.#plan(line, head);
    if (!this.#waited) {
      this.#context.counters.requests += 1;
      const waitMs = delayOf(plan, 'upstream');
      if (plan && waitMs > 0) {
        this.#heldRequests = this.#hold(plan, waitMs);
        this.#requests.stop(bytes, (rest) => this.#heldRequests?.bytes.push(rest));
        return;
      }
    }
    this.#waited = null;
    if (plan?.end?.at === 'upstream') {
      this.#requests.begin(body, true);
      this.#endRequest(plan.end, line.method, plan, head);
      return;
    }
    this.#exchanges.push({ method: line.method, plan, answer: null });
    this.#pass(this.#requests, bytes, head, body, plan, 'upstream');
  }

  #plan(line: { method: string; path: string }, head: Head): RequestPlan | null {
    const plan = this.#context.faults.plan({ ...line, header: (name) => headerOf(head, name) });
    if (plan) this.#context.counters.faults += 1;
    return plan;
  }

  #endRequest(end: RequestEnd, method: string, plan: RequestPlan, head: Head): void {
    if (end.kind === 'reset') {
      this.#side.reset();
      return;
    }
    if (end.kind === 'hang') {
      this.#hanging = end;
      this.#exchanges.push({ method, plan, answer: { bytes: Buffer.alloc(0), closes: false } });
      return;
    }
    // Who waits for "100 Continue" may or may not send the body now, so the connection cannot go on.
    const closes = /\bclose\b/i.test(headerOf(head, 'connection') ?? '') || headerOf(head, 'expect') !== undefined;
    this.#exchanges.push({ method, plan, answer: { bytes: answerTo(end, method, closes), closes } });
    this.#answer();
  }

  /** Gives the link's own answers whose turn it is. */
  #answer(): void {
    while (!this.#hanging) {
      const [next] = this.#exchanges;
      if (!next?.answer) return;
      this.#exchanges.shift();
      countResponse(this.#context.counters, Number(next.plan?.end?.toxic.attributes.status));
      this.#side.toClient(next.answer.bytes);
      if (next.answer.closes) {
        this.#side.endClient();
        this.#side.endUpstream();
        return;
      }
    }
  }

  #response(bytes: Buffer, head: Head): void {
    const [exchange] = this.#exchanges;
    const status = statusOf(head);
    if (!exchange || status === null) {
      this.#responses.break(bytes);
      return;
    }
    if (status === 101 || (exchange.method === 'CONNECT' && status < 300)) {
      countResponse(this.#context.counters, status);
      this.#responses.break(bytes);
      return;
    }
    if (status < 200) {
      this.#responses.interim(bytes);
      return;
    }
    const body = responseBody(head, exchange.method, status);
    if (!body) {
      this.#responses.break(bytes);
      return;
    }
    const { plan } = exchange;
    const waitMs = delayOf(plan, 'downstream');
    if (plan && waitMs > 0 && this.#waited !== plan) {
      this.#heldResponses = this.#hold(plan, waitMs);
      this.#responses.stop(bytes, (rest) => this.#heldResponses?.bytes.push(rest));
      return;
    }
    this.#waited = null;
    if (plan?.end?.at === 'downstream') {
      this.#endResponse(plan.end, exchange, body);
      return;
    }
    countResponse(this.#context.counters, status);
    this.#pass(this.#responses, bytes, head, body, plan, 'downstream');
  }

  #endResponse(end: RequestEnd, { method }: Exchange, body: BodyKind): void {
    if (end.kind === 'reset') {
      this.#side.reset();
      return;
    }
    if (end.kind === 'hang') this.#hanging = end;
    else {
      countResponse(this.#context.counters, Number(end.toxic.attributes.status));
      this.#responses.write(answerTo(end, method, false));
    }
    this.#responses.begin(body, true);
  }

  #pass(
    reader: MessageReader,
    bytes: Buffer,
    head: Head,
    body: BodyKind,
    plan: RequestPlan | null,
    at: 'upstream' | 'downstream',
  ): void {
    const replacement = body.kind === 'none' && at === 'downstream' ? undefined : plan?.bodies[at];
    const changes: { name: string; value: string | null }[] = [];
    if (replacement) {
      changes.push({ name: 'Transfer-Encoding', value: null }, { name: 'Content-Encoding', value: null });
      changes.push({ name: 'Content-Length', value: String(replacement.body.length) });
      if (replacement.contentType) changes.push({ name: 'Content-Type', value: replacement.contentType });
    }
    changes.push(...(plan?.headers.filter((header) => header.at === at) ?? []));
    reader.write(changes.length > 0 ? formatHead(withHeaders(head, changes)) : bytes);
    if (replacement) reader.write(replacement.body);
    reader.begin(body, replacement !== undefined);
  }

  #responseDone(): void {
    if (this.#hanging) return;
    this.#exchanges.shift();
    if (this.#exchanges.length === MAX_PIPELINED) this.#side.relieved();
    if (this.#exchanges[0]?.answer) {
      this.#responses.flush();
      this.#answer();
    }
  }

  #hold(plan: RequestPlan, waitMs: number): Hold {
    const hold: Hold = { plan, bytes: [], timer: setTimeout(() => this.#release(hold), waitMs) };
    return hold;
  }

  #release(hold: Hold): void {
    clearTimeout(hold.timer);
    this.#waited = hold.plan;
    const bytes = Buffer.concat(hold.bytes);
    if (hold === this.#heldRequests) {
      this.#heldRequests = null;
      this.fromClient(bytes);
      if (this.#clientEnds) this.clientEnded();
    } else {
      this.#heldResponses = null;
      this.fromUpstream(bytes);
      if (this.#upstreamEnds) this.upstreamEnded();
    }
    this.#side.relieved();
  }

  #becomeOpaque(): void {
    this.#isOpaque = true;
    this.#requests.flush();
    this.#responses.flush();
  }
}

function answerTo({ toxic }: RequestEnd, method: string, closes: boolean): Buffer {
  const status = Number(toxic.attributes.status);
  const hasBody = status !== 204 && status !== 304;
  const body = Buffer.from(String(toxic.attributes.body));
  const head = formatHead({
    firstLine: `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Fault'}`,
    fields: [
      ...(hasBody ? ([['Content-Length', String(body.length)]] as const) : []),
      ...(body.length > 0 && hasBody ? ([['Content-Type', contentTypeOf(body)]] as const) : []),
      // Header values carry no other characters than these (RFC 9110).
      ['X-Flotilla-Fault', toxic.name.replace(/[^\x20-\x7e]/g, '?')],
      ...(closes ? ([['Connection', 'close']] as const) : []),
    ],
  });
  return method === 'HEAD' || !hasBody ? head : Buffer.concat([head, body]);
}

const contentTypeOf = (body: Buffer): string => (/^\s*[[{]/.test(body.toString()) ? 'application/json' : 'text/plain');
