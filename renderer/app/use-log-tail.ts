import { useEffect, useRef, useState } from 'react';
import type { LogRecord } from '../../main/contract/index.ts';
import { toastError } from '../ui/toasts.ts';
import { useClient } from './engine-context.tsx';

const CREDITS = 2000;

/** Puts text into a search as one word: quoted when it holds more than plain characters. */
export function quoteWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `"${text.replace(/(["\\])/g, '\\$1')}"`;
}

/**
 * The last `keep` lines that match, kept current: first those of the store, then what arrives. For a few lines in a
 * drawer; batches are shown once per frame.
 */
export function useLogTail(query: string, keep: number, enabled = true): readonly LogRecord[] | null {
  const client = useClient();
  const [lines, setLines] = useState<readonly LogRecord[] | null>(null);
  const pending = useRef<LogRecord[]>([]);

  useEffect(() => {
    if (!enabled) return;
    let frame = 0;
    let stop: (() => void) | null = null;
    let ended = false;
    pending.current = [];
    setLines(null);

    const show = (): void => {
      frame = 0;
      const arrived = pending.current;
      pending.current = [];
      setLines((before) => [...(before ?? []), ...arrived].slice(-keep));
    };
    const tail = (afterSeq: number | undefined): void => {
      stop = client.subscribe(
        'logs.tail',
        { query, credits: CREDITS, ...(afterSeq === undefined ? {} : { afterSeq }) },
        {
          onData(batch) {
            if (batch.lines.length > 0)
              void client
                .call('logs.credit', { streamId: batch.streamId, credits: batch.lines.length })
                .catch(() => {});
            pending.current = [...pending.current, ...batch.lines].slice(-keep);
            frame ||= requestAnimationFrame(show);
          },
          onError: toastError,
        },
      );
    };
    client
      .call('logs.search', { query, range: { lastMs: 3_600_000 }, limit: keep })
      .then((found) => {
        if (ended) return;
        setLines(found);
        tail(found.at(-1)?.seq);
      })
      .catch((error) => {
        if (ended) return;
        setLines([]);
        toastError(error);
      });
    return () => {
      ended = true;
      cancelAnimationFrame(frame);
      stop?.();
    };
  }, [client, query, keep, enabled]);
  return lines;
}
