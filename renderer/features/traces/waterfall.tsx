import { type CSSProperties, type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { Trace } from '../../../main/contract/index.ts';
import { useServiceColor } from '../../app/use-service-color.ts';
import { cx, formatDuration, Icon, StateShape, VirtualList, type VirtualListHandle } from '../../ui/index.ts';
import { SpanDetails } from './span-details.tsx';
import { type Row, rulerTicks, type SpanRow, waterfallRows } from './waterfall-model.ts';

const ROW = 28;

/** The spans of a trace on one clock. Arrow keys move, Right and Left unfold and fold, Enter opens a span's details. */
export function Waterfall({
  trace,
  criticalOnly,
  openSpan,
  onOpenSpan,
}: {
  trace: Trace;
  criticalOnly: boolean;
  openSpan: string | null;
  onOpenSpan: (spanId: string | null) => void;
}) {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(() => new Set());
  const [active, setActive] = useState<string | null>(openSpan);
  const color = useServiceColor();
  const rows = useMemo(
    () => waterfallRows(trace, { collapsed, open: openSpan, criticalOnly }),
    [trace, collapsed, openSpan, criticalOnly],
  );
  const list = useRef<VirtualListHandle>(null);
  const linkedIndex = useRef(rows.findIndex((row) => row.span.spanId === openSpan));
  useEffect(() => {
    // An address that names a span leads to it; later openings are where the pointer is.
    if (linkedIndex.current > 0) list.current?.scrollToIndex(linkedIndex.current, 'center');
  }, []);
  // The lines behind the bars are those of the ruler's times.
  const step = rulerTicks(trace.durationMs)[1] ?? trace.durationMs;
  const gridStep = `${(step / Math.max(trace.durationMs, 0.001)) * 100}%`;
  const activeIndex = rows.findIndex((row) => row.kind === 'span' && row.span.spanId === active);

  const fold = (spanId: string, folded: boolean): void => {
    const next = new Set(collapsed);
    if (folded) next.add(spanId);
    else next.delete(spanId);
    setCollapsed(next);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[activeIndex];
    if (row?.kind !== 'span' || row.below === 0) return;
    if (event.key === 'ArrowLeft') fold(row.span.spanId, true);
    else if (event.key === 'ArrowRight') fold(row.span.spanId, false);
    else return;
    event.preventDefault();
  };
  const toggle = (spanId: string): void => onOpenSpan(openSpan === spanId ? null : spanId);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list inside has the focus; its keys for folding bubble up to here
    <div className="waterfall" style={{ '--grid-step': gridStep } as CSSProperties} onKeyDown={onKeyDown}>
      <Ruler durationMs={trace.durationMs} />
      <VirtualList
        ref={list}
        label="Spans"
        rows={rows}
        rowKey={(row) => `${row.kind} ${row.span.spanId}`}
        rowHeight={ROW}
        measure
        skips={(row) => row.kind === 'details'}
        activeIndex={activeIndex}
        onActive={(_, row) => row.kind === 'span' && setActive(row.span.spanId)}
        onOpen={(_, row) => row.kind === 'span' && toggle(row.span.spanId)}
        renderRow={(row: Row, _, isActive) =>
          row.kind === 'details' ? (
            <SpanDetails trace={trace} span={row.span} />
          ) : (
            <SpanLine
              row={row}
              durationMs={trace.durationMs}
              color={color(row.span.service)}
              active={isActive}
              open={openSpan === row.span.spanId}
              onFold={() => fold(row.span.spanId, !row.collapsed)}
              onToggle={() => toggle(row.span.spanId)}
            />
          )
        }
      />
    </div>
  );
}

function Ruler({ durationMs }: { durationMs: number }) {
  return (
    <div className="waterfall-ruler">
      <span>Service and operation</span>
      <span className="waterfall-times">
        {rulerTicks(durationMs).map((at) => (
          <span key={at} style={{ left: `${(at / Math.max(durationMs, 0.001)) * 100}%` }}>
            {at === 0 ? '0' : formatDuration(at)}
          </span>
        ))}
        <span className="waterfall-end">{formatDuration(durationMs)}</span>
      </span>
    </div>
  );
}

function SpanLine({
  row,
  durationMs,
  color,
  active,
  open,
  onFold,
  onToggle,
}: {
  row: SpanRow;
  durationMs: number;
  color: string;
  active: boolean;
  open: boolean;
  onFold: () => void;
  onToggle: () => void;
}) {
  const { span } = row;
  const failed = span.status === 'error';
  return (
    <div className={cx('span-row', active && 'span-row-active', open && 'span-row-open')}>
      <span className="span-name truncate" style={{ paddingLeft: 10 + row.depth * 14 }}>
        {row.below > 0 ? (
          <button
            type="button"
            tabIndex={-1}
            className="span-fold"
            aria-label={row.collapsed ? `Unfold ${row.below} spans` : 'Fold'}
            onClick={onFold}
          >
            <Icon name={row.collapsed ? 'chevron-right' : 'chevron-down'} />
          </button>
        ) : (
          <i className="span-leaf" />
        )}
        <i className="span-color" style={{ background: color }} />
        <button type="button" tabIndex={-1} className="span-title truncate" onClick={onToggle}>
          <b>{span.service}</b> {span.name}
        </button>
        {(failed || row.errorBelow) && <StateShape tone="error" label={failed ? 'Failed' : 'Failed below'} />}
        {row.collapsed && <span className="faint">+{row.below}</span>}
      </span>
      <Bar row={row} durationMs={durationMs} color={color} />
    </div>
  );
}

/** The bar of a span, its duration beside it on the side that has room. */
function Bar({ row, durationMs, color }: { row: SpanRow; durationMs: number; color: string }) {
  const { span } = row;
  const whole = Math.max(durationMs, 0.001);
  const left = Math.max(0, Math.min(100, (span.offsetMs / whole) * 100));
  const width = Math.max(0, Math.min(100 - left, (span.durationMs / whole) * 100));
  const labelLeft = left + width > 82 && left > 14;
  const label = `${row.afterCaller ? 'after the caller gave up, ' : ''}${formatDuration(span.durationMs)}`;
  return (
    <span className="span-track">
      <i
        className={cx('span-bar', row.afterCaller && 'span-bar-late')}
        style={{ left: `${left}%`, width: `max(2px, ${width}%)`, background: color }}
      >
        {row.critical && <i className="span-critical" />}
      </i>
      {width > 82 ? (
        <span className="span-time span-time-inside" style={{ left: `${left}%` }}>
          {label}
        </span>
      ) : (
        <span className="span-time" style={labelLeft ? { right: `${100 - left}%` } : { left: `${left + width}%` }}>
          {label}
        </span>
      )}
    </span>
  );
}
