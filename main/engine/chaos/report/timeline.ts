import type { ExperimentResult, FaultView, StepRun } from '../../../contract/index.ts';
import { axisTop, faultShades, line, type Panel, type Quantity, quantities } from './chart.ts';
import { milliseconds } from './figures.ts';
import { type Markup, markup } from './markup.ts';
import { type TimeScale, ticks, timeScale } from './scale.ts';

const WIDTH = 1040;
const LEFT = 150;
const RIGHT = 16;
const LANE = 24;
const PANEL = 78;
const GAP = 18;
const MOST_LANES = 14;
/** About as wide as a letter of a bar's label. */
const LETTER = 6.3;

interface Lane {
  readonly title: string;
  readonly bars: readonly { fromMs: number; toMs: number; text: string; kind: string }[];
}

/** What was done and which faults were on, over what the fleet's callers saw meanwhile. */
export function timeline(result: ExperimentResult): Markup {
  const scale = timeScale(result, LEFT, WIDTH - LEFT - RIGHT);
  const lanes = lanesOf(result);
  const lanesHeight = lanes.length * LANE;
  const points = result.charts.find((one) => one.service === null)?.points ?? [];
  const shown: readonly Quantity[] = points.length === 0 ? [] : ['rate', 'errors', 'p95'];
  const top = (index: number): number => lanesHeight + GAP + index * (PANEL + GAP);
  const bottom = top(shown.length) - GAP;
  const panels = shown.map((quantity, index) => {
    const panel: Panel = { scale, top: top(index), height: PANEL };
    return panelOf(points, quantity, panel, result);
  });
  return markup`<svg class="figure" viewBox="0 0 ${WIDTH} ${bottom + 24}" role="img" aria-label="Timeline of the run">
    ${grid(scale, bottom)}
    ${lanes.map((lane, index) => laneOf(lane, index * LANE, scale))}
    ${panels}
    ${worstLine(result, scale, bottom)}
  </svg>`;
}

function grid(scale: TimeScale, bottom: number): Markup[] {
  return ticks(scale, 12).map(({ atMs, label }) => {
    const x = scale.x(atMs);
    return markup`<line class="grid" x1="${x}" y1="0" x2="${x}" y2="${bottom}"/><text class="tick" x="${x}" y="${bottom + 16}" text-anchor="middle">${label}</text>`;
  });
}

function laneOf({ title, bars }: Lane, y: number, scale: TimeScale): Markup {
  const edge = WIDTH - RIGHT;
  const drawn = bars.map(({ fromMs, toMs, text, kind }) => {
    const from = scale.x(fromMs);
    const width = Math.max(3, scale.x(toMs) - from);
    const isInside = text.length * LETTER + 8 < width;
    const isRight = from + width + 6 + text.length * LETTER < edge;
    const [x, anchor] = isInside ? [from + 6, 'start'] : isRight ? [from + width + 5, 'start'] : [from - 5, 'end'];
    return markup`<rect class="bar ${kind}" x="${from}" y="${y + 4}" width="${width}" height="${LANE - 8}" rx="3"/><text class="${isInside ? 'in-bar' : 'by-bar'}" x="${x}" y="${y + 16}" text-anchor="${anchor}">${text}</text>`;
  });
  return markup`<text class="lane" x="${LEFT - 12}" y="${y + 16}" text-anchor="end">${title}</text>${drawn}`;
}

function panelOf(
  points: Parameters<typeof line>[0],
  quantity: Quantity,
  panel: Panel,
  { faults }: ExperimentResult,
): Markup {
  const { title, show } = quantities[quantity];
  const { top, height } = panel;
  return markup`${faultShades(faults, panel)}
    <line class="axis" x1="${LEFT}" y1="${top + height}" x2="${WIDTH - RIGHT}" y2="${top + height}"/>
    <text class="lane" x="${LEFT - 12}" y="${top + height / 2 + 4}" text-anchor="end">${title}</text>
    <text class="tick" x="${LEFT - 12}" y="${top + 9}" text-anchor="end">${show(axisTop(points, quantity))}</text>
    <text class="tick" x="${LEFT - 12}" y="${top + height}" text-anchor="end">0</text>
    ${line(points, quantity, panel)}`;
}

function worstLine({ worst }: ExperimentResult, scale: TimeScale, bottom: number): Markup | null {
  if (worst === null) return null;
  const x = scale.x(worst.atMs);
  return markup`<line class="worst" x1="${x}" y1="0" x2="${x}" y2="${bottom}"/><circle class="worst-dot" cx="${x}" cy="${bottom}" r="3.5"/>`;
}

function lanesOf({ run, faults }: ExperimentResult): Lane[] {
  const lanes: Lane[] = [];
  for (const [stage, title] of STAGES) {
    const bars = run.steps.flatMap((step) => (step.stage === stage ? barOf(step) : []));
    if (bars.length > 0) lanes.push(...apart(title, bars));
  }
  const ofFaults = faults.map(({ fault, fromMs, toMs }) => ({
    fromMs,
    toMs: toMs ?? Date.parse(run.endedAt ?? run.startedAt),
    text: faultText(fault),
    kind: 'fault',
  }));
  return [...lanes, ...apart('Faults', ofFaults)].slice(0, MOST_LANES);
}

const STAGES: readonly (readonly [StepRun['stage'], string])[] = [
  ['before', 'Hypothesis before'],
  ['method', 'Method'],
  ['during', 'Hypothesis during'],
  ['after', 'Hypothesis after'],
  ['rollbacks', 'Rollbacks'],
];

function barOf({ startedAt, durationMs, name, state, toleranceMet, type }: StepRun): Lane['bars'] {
  if (startedAt === null) return [];
  const fromMs = Date.parse(startedAt);
  const isBad = state === 'failed' || toleranceMet === false;
  return [{ fromMs, toMs: fromMs + (durationMs ?? 0), text: name, kind: isBad ? 'bad' : type }];
}

/** Bars that would lie over each other, or over a label, get lanes of their own; only the first is named. */
function apart(title: string, bars: Lane['bars']): Lane[] {
  return bars.map((bar, index) => ({ title: index === 0 ? title : '', bars: [bar] }));
}

/** `latency on orders → payments` with its parameters that matter. */
export function faultText({ kind, target, parameters }: FaultView): string {
  const place =
    target.kind === 'edge'
      ? `${target.from} → ${target.to}${target.port === undefined ? '' : `:${target.port}`}`
      : `${target.service}${target.instance === undefined ? '' : ` ${target.instance}`}`;
  const { latencyMs, percent: share } = parameters;
  const more = [
    ...(typeof latencyMs === 'number' ? [milliseconds(latencyMs)] : []),
    ...(typeof share === 'number' && share !== 100 ? [`${share} %`] : []),
  ];
  return `${kind}${more.length === 0 ? '' : ` ${more.join(', ')}`} on ${place}`;
}
