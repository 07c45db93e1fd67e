import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { SpanBatches } from './span-batches.ts';

export const spansPerBatch = 512;
const connections = 6;
const retryMs = 20;

/** Sends one export and gives the HTTP status. */
function post(url: URL, agent: Agent, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { agent, method: 'POST', headers: { 'content-type': 'application/x-protobuf', 'content-length': body.length } },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/**
 * Sends `count` distinct spans as an exporter would, in batches of 512 over a few connections, a batch again after a 503; gives how
 * many were acknowledged. Rejects when the receiver refuses one.
 */
export async function sendSpans(otlpHttp: string, count: number, salt: number): Promise<number> {
  const url = new URL('/v1/traces', otlpHttp);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const batches = new SpanBatches(spansPerBatch, salt);
  let left = Math.ceil(count / spansPerBatch);
  let acknowledged = 0;
  const connection = async (): Promise<void> => {
    while (left-- > 0) {
      // The batches share one buffer; the request keeps its own copy until it is acknowledged.
      const body = Buffer.from(batches.next(Date.now()));
      let status = await post(url, agent, body);
      while (status === 503) {
        await delay(retryMs);
        status = await post(url, agent, body);
      }
      if (status !== 200) throw new Error(`the receiver answered ${status}`);
      acknowledged += spansPerBatch;
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  agent.destroy();
  return acknowledged;
}
