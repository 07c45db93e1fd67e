import type { TraceSummary } from '../../main/contract/index.ts';

/** Says of a trace that spans of it may still be on their way, so that its numbers may grow; nothing of one that is whole. */
export function Arriving({ trace }: { trace: TraceSummary }) {
  if (trace.complete !== false) return null;
  return (
    <span className="faint" title="Spans may still be on their way: the numbers may grow">
      <span aria-hidden="true">…</span>
      <span className="visually-hidden"> still arriving</span>
    </span>
  );
}
