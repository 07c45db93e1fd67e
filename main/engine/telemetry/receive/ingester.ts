import type { NewLogRecord } from '../../../contract/index.ts';
import type { IngestAnswer } from '../protocol.ts';
import type { LogTails } from '../store/log-tails.ts';
import type { Store } from '../store/store.ts';
import { decodeLogs } from './log-decoder.ts';
import { decodeMetrics } from './metric-decoder.ts';
import { messageFromJson, messageFromProtobuf } from './otlp-json.ts';
import type { LogsRequest, MetricsRequest } from './otlp-messages.ts';
import { requestTypes, type Signal } from './otlp-proto.ts';
import { type Outcome, TraceDecoder } from './trace-decoder.ts';
import { MalformedError } from './wire-reader.ts';

/** Turns request bodies into rows of a store, and shows log records to those who follow them. */
export class Ingester {
  private readonly store: Store;
  private readonly tails: LogTails;
  private readonly traces: TraceDecoder;

  constructor(store: Store, tails: LogTails) {
    this.store = store;
    this.tails = tails;
    this.traces = new TraceDecoder(store.spans, store.resources);
  }

  /** Takes an OTLP request body: all of its records that are valid, or, when the body is malformed, none. */
  ingest(signal: Signal, json: boolean, body: Uint8Array): Promise<IngestAnswer> {
    return this.take(() => this.decode(signal, json, body));
  }

  /** Takes log records that the runtimes have read. `kept` resolves when those that were stored are in the database. */
  async logs(records: readonly NewLogRecord[]): Promise<{ answer: IngestAnswer; kept: Promise<void> }> {
    let kept = Promise.resolve();
    const answer = await this.take(
      () => {
        for (const record of records) this.tails.publish(this.store.addLog(record), record);
        return { accepted: records.length, rejected: 0, reason: '' };
      },
      () => {
        kept = this.store.kept();
      },
    );
    return { answer, kept };
  }

  private take(work: () => Outcome, taken?: () => void): Promise<IngestAnswer> {
    return this.store.exclusive(async (): Promise<IngestAnswer> => {
      if (!this.store.accepting) return { status: 'unavailable', reason: 'the disk is full' };
      try {
        const outcome = work();
        if (outcome.rejected > 0) this.store.drop(outcome.rejected);
        await this.store.added();
        taken?.();
        return { status: 'stored', ...outcome };
      } catch (error) {
        if (error instanceof MalformedError) return { status: 'invalid', reason: error.message };
        throw error;
      }
    });
  }

  private decode(signal: Signal, json: boolean, body: Uint8Array): Outcome {
    if (signal === 'traces') {
      return this.traces.decode(json ? requestTypes.traces.encode(messageFromJson('traces', body)).finish() : body);
    }
    const message = json ? messageFromJson(signal, body) : messageFromProtobuf(signal, body);
    const { resources, metrics } = this.store;
    if (signal === 'metrics') return decodeMetrics(message as unknown as MetricsRequest, resources, metrics);
    const logs = decodeLogs(message as unknown as LogsRequest, resources, Date.now());
    for (const log of logs) this.tails.publish(this.store.addLog(log), log);
    return { accepted: logs.length, rejected: 0, reason: '' };
  }
}
