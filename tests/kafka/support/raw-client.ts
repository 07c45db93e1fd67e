import net from 'node:net';
import {
  type ClientApi,
  decodeResponseBody,
  encodeRequestFrame,
  FrameSplitter,
  joinGroup,
  Reader,
  syncGroup,
} from '../../../main/engine/kafka-protocol/index.ts';

/** A bare connection that asks one thing at a time in the version that it is told to. */
export class RawClient {
  private readonly socket: net.Socket;
  private readonly splitter = new FrameSplitter();
  private readonly frames: Buffer[] = [];
  private wake: () => void = () => {};
  private correlationId = 0;

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.frames.push(...this.splitter.push(chunk));
      this.wake();
    });
  }

  static async connect(address: string): Promise<RawClient> {
    const [host, port] = address.split(':');
    const socket = net.connect({ host, port: Number(port) });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawClient(socket);
  }

  async ask<Q, R>(api: ClientApi<Q, R>, apiVersion: number, body: Q): Promise<R> {
    this.correlationId += 1;
    const header = { apiVersion, correlationId: this.correlationId, clientId: 'raw' };
    this.send(Buffer.concat(encodeRequestFrame(api, header, body)));
    const reader = new Reader(await this.frame());
    if (reader.int32() !== this.correlationId) throw new Error('the answer belongs to another request');
    return decodeResponseBody(api, apiVersion, reader);
  }

  send(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** The next frame that the broker sends. */
  async frame(): Promise<Buffer> {
    for (;;) {
      const next = this.frames.shift();
      if (next !== undefined) return next;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Resolves when the broker closes the connection. */
  async closed(): Promise<void> {
    if (this.socket.closed) return;
    await new Promise((resolve) => this.socket.once('close', resolve).once('error', () => {}));
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** Joins a group as a consumer that then neither beats nor leaves. */
export async function joinAndFallSilent(
  address: string,
  groupId: string,
  sessionTimeoutMs: number,
): Promise<RawClient> {
  const client = await RawClient.connect(address);
  const request = {
    groupId,
    sessionTimeoutMs,
    rebalanceTimeoutMs: 2000,
    protocolType: 'consumer',
    protocols: [{ name: 'RoundRobinAssigner', metadata: Buffer.alloc(10) }],
  };
  const { memberId } = await client.ask(joinGroup, 5, { ...request, memberId: '' });
  const { generationId } = await client.ask(joinGroup, 5, { ...request, memberId });
  await client.ask(syncGroup, 3, { groupId, generationId, memberId, assignments: [] });
  return client;
}
