import type { ExperimentResult } from '../../../contract/index.ts';
import { clock, milliseconds } from './figures.ts';
import { type Markup, markup } from './markup.ts';

type Trace = ExperimentResult['traces'][number];

const WIDTH = 1040;
const NAMES = 400;
const ROW = 18;
const MOST_ROWS = 24;

/** One trace as bars under each other. What goes on after its root was answered is told, not drawn. */
export function traceFigure(trace: Trace): Markup {
  const rootMs = trace.spans[0]?.durationMs ?? trace.durationMs;
  const endMs = Math.max(0.001, rootMs);
  const within = trace.spans.filter((span) => span.offsetMs <= endMs).slice(0, MOST_ROWS);
  const height = within.length * ROW + 6;
  const rows = within.map((span, index) => rowOf(span, index * ROW + 3, endMs));
  const later = trace.durationMs - rootMs;
  const after = later > rootMs * 0.2 && later > 50 ? ` It went on for ${milliseconds(later)} after the answer.` : '';
  const more =
    trace.spans.length > within.length || after !== ''
      ? markup`<p class="quiet">${rest(trace.spans.length - within.length)}${after}</p>`
      : null;
  return markup`<article class="trace"><h3>${trace.isError ? markup`<span class="pill bad">errors</span>` : markup`<span class="pill good">no errors</span>`} ${trace.service} ${trace.name} <small>${milliseconds(rootMs)} · ${clock(trace.startTime)} · ${trace.traceId}</small></h3>
    <svg class="figure" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Trace ${trace.traceId}">${rows}</svg>${more}</article>`;
}

const rest = (count: number): string =>
  count > 0 ? `${count} further ${count === 1 ? 'span' : 'spans'} not shown.` : '';

function rowOf(
  { service, name, offsetMs, durationMs, isError, depth }: Trace['spans'][number],
  y: number,
  endMs: number,
): Markup {
  const room = WIDTH - NAMES - 70;
  const x = NAMES + (Math.max(0, offsetMs) / endMs) * room;
  const width = Math.max(2, Math.min((durationMs / endMs) * room, NAMES + room - x));
  const indent = Math.min(depth, 14) * 12;
  const text = `${service} ${name}`;
  const most = Math.floor((NAMES - indent - 16) / 6.2);
  const shown = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  const state = isError ? 'bad' : 'span';
  return markup`<g><title>${text}</title><text class="${isError ? 'span-name bad-text' : 'span-name'}" x="${indent}" y="${y + 12}">${shown}</text>
    <rect class="bar ${state}" x="${x}" y="${y + 2}" width="${width}" height="${ROW - 6}" rx="2"/><text class="tick" x="${x + width + 5}" y="${y + 12}">${milliseconds(durationMs)}</text></g>`;
}
