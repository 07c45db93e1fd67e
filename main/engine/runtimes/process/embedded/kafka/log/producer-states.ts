import type { BatchHeader } from '../../../../../kafka-protocol/index.ts';
import { ErrorCode } from '../../../../../kafka-protocol/index.ts';

/** How many of a producer's last batches are remembered: a client has at most five in flight. */
const REMEMBERED_BATCHES = 5;
const MAX_PRODUCERS = 5000;
const SEQUENCES = 2 ** 31;

interface WrittenBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly timestamp: number;
}

interface ProducerState {
  epoch: number;
  readonly batches: WrittenBatch[];
}

export interface ActiveProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
}

const lastSequenceOf = (header: BatchHeader): number => (header.baseSequence + header.lastOffsetDelta) % SEQUENCES;

/** What idempotent producers wrote to one partition last, so that a batch sent twice is stored once (KIP-98). */
export class ProducerStates {
  /** In the order in which they last wrote. */
  private readonly states = new Map<number, ProducerState>();

  /** @returns null to append, the offset of the same batch already in the log, or the error to answer. */
  check(header: BatchHeader): null | { readonly duplicateOf: number } | { readonly errorCode: number } {
    if (header.producerId < 0) return null;
    const state = this.states.get(header.producerId);
    if (state === undefined) return null;
    if (header.producerEpoch < state.epoch) return { errorCode: ErrorCode.INVALID_PRODUCER_EPOCH };
    if (header.producerEpoch > state.epoch) {
      return header.baseSequence === 0 ? null : { errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER };
    }
    const lastSequence = lastSequenceOf(header);
    const same = state.batches.find(
      (batch) => batch.firstSequence === header.baseSequence && batch.lastSequence === lastSequence,
    );
    if (same !== undefined) return { duplicateOf: same.baseOffset };
    const last = state.batches.at(-1);
    if (last === undefined || (last.lastSequence + 1) % SEQUENCES === header.baseSequence) return null;
    return { errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER };
  }

  /** Remembers a batch that was appended at `baseOffset`. */
  record(header: BatchHeader, baseOffset: number): void {
    if (header.producerId < 0 || header.control) return;
    const known = this.states.get(header.producerId);
    const state = known !== undefined && known.epoch === header.producerEpoch ? known : null;
    const next = state ?? { epoch: header.producerEpoch, batches: [] };
    next.batches.push({
      firstSequence: header.baseSequence,
      lastSequence: lastSequenceOf(header),
      baseOffset,
      timestamp: header.maxTimestamp,
    });
    if (next.batches.length > REMEMBERED_BATCHES) next.batches.shift();
    this.states.delete(header.producerId);
    this.states.set(header.producerId, next);
    if (this.states.size > MAX_PRODUCERS) {
      for (const oldest of this.states.keys()) {
        this.states.delete(oldest);
        break;
      }
    }
  }

  active(): ActiveProducer[] {
    return [...this.states].map(([producerId, state]) => ({
      producerId,
      producerEpoch: state.epoch,
      lastSequence: state.batches.at(-1)?.lastSequence ?? -1,
      lastTimestamp: state.batches.at(-1)?.timestamp ?? -1,
    }));
  }
}
