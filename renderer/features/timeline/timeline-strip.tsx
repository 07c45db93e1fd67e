import { type KeyboardEvent, memo, useMemo, useRef } from 'react';
import type { Timeline, TimelineMark } from '../../../main/contract/index.ts';
import { useEngineState } from '../../app/engine-context.tsx';
import { useCall } from '../../app/use-call.ts';
import { useSelection, useTimeRange } from '../../app/use-console-search.ts';
import {
  Button,
  formatPercent,
  formatRate,
  formatSpan,
  formatTimeOfDay,
  Icon,
  StateShape,
  useDragRange,
  useWidth,
} from '../../ui/index.ts';
import './timeline.css';
import {
  groupMarks,
  type MarkGroup,
  type MarkSpan,
  markSpans,
  type Shapes,
  type Strip,
  shapes,
  stepRange,
  stripLength,
  ticks,
  timeAt,
  xOf,
} from './timeline-model.ts';

const HEIGHT = 42;
const NO_MARKS: readonly TimelineMark[] = [];
const NO_DATA: Timeline = { stepMs: 1000, points: [], oldestMs: null };

/** The run at a glance: requests, errors, marks. Dragging over it sets the time of every view. */
export function TimelineStrip() {
  const { range, isLive, lastMs, setRange, goLive } = useTimeRange();
  const fixed = 'fromMs' in range ? range : null;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const length = stripLength(lastMs, fixed, Date.now());
  const { data = NO_DATA } = useCall('telemetry.timeline', { range: { lastMs: length }, points: 240 }, { live: true });
  const marks = useEngineState((state) => state.marks) ?? NO_MARKS;
  const last = data.points.at(-1);
  const toMs = last ? last.atMs + data.stepMs : Math.floor(Date.now() / 1000) * 1000;
  const strip = useMemo<Strip>(() => ({ fromMs: toMs - length, toMs, width }), [toMs, length, width]);

  const hasFaults = marks.some((mark) => mark.kind === 'fault');
  const hasExperiments = marks.some((mark) => mark.kind === 'experiment');

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      const next = isLive && event.key === 'ArrowRight' ? null : stepRange(fixed, event.key, Date.now());
      if (next) setRange(next.fromMs, next.toMs);
      else if (!isLive) goLive();
      event.preventDefault();
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const marked = [...(box.current?.querySelectorAll('button') ?? [])];
      const at = marked.findIndex((button) => button.matches(':focus'));
      const next = event.key === 'ArrowDown' ? at + 1 : (at < 0 ? marked.length : at) - 1;
      marked[next]?.focus();
      event.preventDefault();
    } else if (event.key === 'Escape' && !isLive) {
      goLive();
      event.preventDefault();
    }
  };

  return (
    <footer className="timeline">
      <div className="timeline-head">
        {isLive ? (
          <span className="timeline-live">
            <StateShape tone="ok" size={9} /> Live
          </span>
        ) : (
          <Button look="normal" className="timeline-back" onClick={() => goLive()}>
            <Icon name="play" /> Live
          </Button>
        )}
        {fixed ? (
          <b className="timeline-range">
            {formatTimeOfDay(fixed.fromMs)} – {formatTimeOfDay(fixed.toMs)} · {formatSpan(fixed.toMs - fixed.fromMs)}
          </b>
        ) : (
          <span>{formatSpan(lastMs)}</span>
        )}
        <span className="timeline-space" />
        <Now timeline={data} />
        <span className="timeline-key timeline-key-rate">requests/s</span>
        <span className="timeline-key timeline-key-errors">errors</span>
        <span className="timeline-key timeline-key-marks">restarts, exits</span>
        {hasFaults && <span className="timeline-key timeline-key-faults">faults</span>}
        {hasExperiments && <span className="timeline-key timeline-key-experiments">experiments</span>}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: no native element chooses a stretch of time */}
      <div
        ref={box}
        className="timeline-box"
        role="group"
        aria-label="Timeline. Left and right step through time, up and down from mark to mark, Escape returns to live."
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        {width > 0 && <Chart strip={strip} timeline={data} marks={marks} fixed={fixed} onRange={setRange} />}
      </div>
    </footer>
  );
}

/** What enters the fleet now: the last step that is over. */
function Now({ timeline }: { timeline: Timeline }) {
  const point = timeline.points.at(-2);
  if (!point || point.ratePerSecond === 0) return null;
  const share = point.errorsPerSecond / point.ratePerSecond;
  return (
    <span>
      {formatRate(point.ratePerSecond)} ·{' '}
      <span className={share >= 0.05 ? 'tone-error' : undefined}>{formatPercent(share)} errors</span>
    </span>
  );
}

interface ChartProps {
  strip: Strip;
  timeline: Timeline;
  marks: readonly TimelineMark[];
  fixed: { fromMs: number; toMs: number } | null;
  onRange: (fromMs: number, toMs: number) => void;
}

function Chart({ strip, timeline, marks, fixed, onRange }: ChartProps) {
  const { drag, hover, handlers } = useDragRange(strip.width, (from, to) => {
    if (from === to) return;
    const fromMs = timeAt(strip, from);
    onRange(fromMs, Math.max(timeAt(strip, to), fromMs + 1000));
  });
  const drawn = useMemo(() => shapes(strip, timeline, HEIGHT), [strip, timeline]);
  const groups = useMemo(() => groupMarks(strip, marks), [strip, marks]);
  const spans = useMemo(() => markSpans(strip, marks), [strip, marks]);
  const chosen = drag ?? (fixed && { from: xOf(strip, fixed.fromMs), to: xOf(strip, fixed.toMs) });

  return (
    <>
      <svg className="timeline-chart" width={strip.width} height={HEIGHT + 14} aria-hidden="true" {...handlers}>
        <rect className="timeline-ground" width={strip.width} height={HEIGHT + 14} />
        {spans.map((span) => (
          <SpanBand key={span.mark.id} span={span} />
        ))}
        <Curve drawn={drawn} />
        <Ticks strip={strip} />
        {chosen && (
          <rect
            className="timeline-chosen"
            x={Math.min(chosen.from, chosen.to)}
            width={Math.max(2, Math.abs(chosen.to - chosen.from))}
            height={HEIGHT}
          />
        )}
        {hover !== null && !drag && <path className="timeline-cross" d={`M${hover} 0v${HEIGHT}`} />}
        <path className="timeline-now" d={`M${strip.width - 1} 0v${HEIGHT}`} />
      </svg>
      {spans.map((span) => (
        <SpanButton key={span.mark.id} span={span} onRange={onRange} />
      ))}
      {groups.map((group) => (
        <MarkButton key={group.marks[0]?.id} group={group} />
      ))}
      {hover !== null && <Hint strip={strip} timeline={timeline} x={hover} drag={drag} />}
    </>
  );
}

const Curve = memo(function Curve({ drawn }: { drawn: Shapes }) {
  return (
    <>
      <path className="timeline-area" d={drawn.area} />
      <path className="timeline-line" d={drawn.line} />
      {drawn.bars.map((bar) => (
        <rect
          key={bar.x}
          className={bar.few ? 'timeline-error timeline-error-few' : 'timeline-error'}
          x={bar.x}
          y={HEIGHT - bar.height}
          width={bar.width}
          height={bar.height}
        />
      ))}
    </>
  );
});

function Ticks({ strip }: { strip: Strip }) {
  return ticks(strip).map((at) => {
    const x = xOf(strip, at);
    if (x < 20 || x > strip.width - 20) return null;
    const text = formatTimeOfDay(at);
    return (
      <text key={at} className="timeline-tick" x={x} y={HEIGHT + 11} textAnchor="middle">
        {text.endsWith(':00') ? text.slice(0, 5) : text}
      </text>
    );
  });
}

function SpanBand({ span: { mark, from, to } }: { span: MarkSpan }) {
  return mark.kind === 'experiment' ? (
    <path className="timeline-experiment" d={`M${from} ${HEIGHT - 1.5}H${to}`} />
  ) : (
    <>
      <path className="timeline-fault" d={`M${from} 0H${to}V${HEIGHT}H${from}Z`} />
      <path className="timeline-fault-top" d={`M${from} 1.5H${to}`} />
    </>
  );
}

/** So much before and after what is looked at. */
const AROUND_MS = 10_000;

/** A fault or an experiment: what and how long on hover and focus; a click looks at that time. */
function SpanButton({ span: { mark, from, to }, onRange }: { span: MarkSpan; onRange: ChartProps['onRange'] }) {
  const { select } = useSelection();
  const until = mark.untilMs === null ? 'on until now' : `until ${formatTimeOfDay(mark.untilMs)}`;
  const text = `${formatTimeOfDay(mark.atMs)} ${mark.text} (${until})`;
  const look = (): void => {
    if (mark.untilMs !== null) onRange(mark.atMs - AROUND_MS, mark.untilMs + AROUND_MS);
    else if (mark.service) select({ kind: 'node', id: mark.service });
  };
  return (
    <button
      type="button"
      className={`timeline-span timeline-span-${mark.kind}`}
      style={{ left: from, width: Math.max(6, to - from) }}
      title={text}
      aria-label={text}
      tabIndex={-1}
      onClick={look}
    />
  );
}

/** A moment: its text on hover and focus, its service selected on click. */
function MarkButton({ group }: { group: MarkGroup }) {
  const { select } = useSelection();
  const service = group.marks.find((mark) => mark.service)?.service;
  const text = group.marks.map((mark) => `${formatTimeOfDay(mark.atMs)} ${mark.text}`).join('\n');
  const bad = group.marks.some((mark) => mark.kind === 'exit' || mark.kind === 'unhealthy');
  return (
    <button
      type="button"
      className={bad ? 'timeline-mark timeline-mark-bad' : 'timeline-mark'}
      style={{ left: group.x - 6, height: HEIGHT }}
      title={text}
      aria-label={text}
      tabIndex={-1}
      onClick={() => service && select({ kind: 'node', id: service })}
    />
  );
}

function Hint({
  strip,
  timeline,
  x,
  drag,
}: {
  strip: Strip;
  timeline: Timeline;
  x: number;
  drag: { from: number; to: number } | null;
}) {
  const at = timeAt(strip, x);
  const point = timeline.points.find((one) => one.atMs <= at && at < one.atMs + timeline.stepMs);
  const text = drag
    ? `${formatTimeOfDay(timeAt(strip, Math.min(drag.from, drag.to)))} – ${formatTimeOfDay(timeAt(strip, Math.max(drag.from, drag.to)))}`
    : `${formatTimeOfDay(at)}${point ? ` · ${formatRate(point.ratePerSecond)} · ${formatRate(point.errorsPerSecond)} errors` : ''}`;
  return (
    <div className="timeline-hint" style={{ left: Math.min(Math.max(x, 90), strip.width - 90) }}>
      {text}
    </div>
  );
}
