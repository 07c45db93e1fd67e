import { type ApiHandlers, fixRange, type LogRecord, type TimeRange } from '../../../../main/contract/index.ts';
import { compileLogFilter } from '../../../../main/engine/telemetry/query/search/compile-log-filter.ts';
import { every } from './every.ts';
import { LINES_PER_TRACE, type Traces } from './traces.ts';
import type { World } from './world.ts';

type Answers = Pick<ApiHandlers, 'logs.search' | 'logs.histogram' | 'logs.tail' | 'logs.credit'>;

interface Stream {
  credits: number;
}

export function logAnswers(world: World, traces: Traces): Answers {
  const streams = new Map<string, Stream>();
  let nextStream = 1;

  /** Lines of a range, newest first. */
  function* newestFirst(range: TimeRange, beforeSeq = Number.POSITIVE_INFINITY): Generator<LogRecord> {
    const { fromMs, toMs } = fixRange(range, world.now());
    const last = Math.min(traces.newestBefore(Math.min(toMs, world.now())), Math.floor(beforeSeq / LINES_PER_TRACE));
    for (let index = last; index >= 0 && traces.startOf(index) >= fromMs; index--) {
      for (const line of [...traces.at(index).logs].reverse()) if (line.seq < beforeSeq) yield line;
    }
  }

  return {
    'logs.search': ({ query, range, limit, beforeSeq }) => {
      const filter = compileLogFilter(query);
      const found: LogRecord[] = [];
      for (const line of newestFirst(range, beforeSeq)) {
        if (filter(line)) found.push(line);
        if (found.length >= limit) break;
      }
      return found.reverse();
    },
    'logs.histogram': ({ query, range, buckets }) => {
      const filter = compileLogFilter(query);
      const { fromMs, toMs } = fixRange(range, world.now());
      const stepMs = Math.max(1, Math.ceil((toMs - fromMs) / buckets));
      const counted = Array.from({ length: buckets }, (_, index) => ({
        atMs: fromMs + index * stepMs,
        total: 0,
        errors: 0,
        warnings: 0,
      }));
      for (const line of newestFirst(range)) {
        const bucket = counted[Math.floor((Date.parse(line.time) - fromMs) / stepMs)];
        if (!bucket || !filter(line)) continue;
        bucket.total++;
        if (line.level === 'error' || line.level === 'fatal') bucket.errors++;
        if (line.level === 'warn') bucket.warnings++;
      }
      return { stepMs, buckets: counted };
    },
    'logs.tail': async function* ({ query, credits, afterSeq }, signal) {
      const filter = compileLogFilter(query);
      const streamId = `stream-${nextStream++}`;
      const stream = { credits };
      streams.set(streamId, stream);
      let last = afterSeq === undefined ? traces.newestBefore(world.now()) : Math.floor(afterSeq / LINES_PER_TRACE);
      for await (const _ of every(250, signal)) {
        const newest = traces.newestBefore(world.now());
        const lines: LogRecord[] = [];
        for (let index = last + 1; index <= newest; index++) lines.push(...traces.at(index).logs.filter(filter));
        last = Math.max(last, newest);
        const sent = lines.slice(Math.max(0, lines.length - stream.credits));
        stream.credits -= sent.length;
        if (lines.length > 0) yield { streamId, lines: sent, skipped: lines.length - sent.length };
      }
      streams.delete(streamId);
    },
    'logs.credit': ({ streamId, credits }) => {
      const stream = streams.get(streamId);
      if (stream) stream.credits += credits;
    },
  };
}
