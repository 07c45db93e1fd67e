import type { ExperimentResult } from '../../../contract/index.ts';
import { milliseconds, niceTop, percent, perSecond } from './figures.ts';
import { type Markup, markup } from './markup.ts';
import type { TimeScale } from './scale.ts';

type Points = ExperimentResult['charts'][number]['points'];
export type Quantity = 'rate' | 'errors' | 'p95';

interface Quality {
  readonly title: string;
  value(point: Points[number]): number | null;
  show(value: number): string;
  /** The axis reaches at least so high, so that nothing is not drawn as much. */
  readonly least: number;
}

export const quantities: Readonly<Record<Quantity, Quality>> = {
  rate: { title: 'Requests', value: (one) => one.rate, show: perSecond, least: 1 },
  errors: { title: 'Errors', value: (one) => one.errorRate, show: percent, least: 0.05 },
  p95: { title: 'p95', value: (one) => one.p95Ms, show: milliseconds, least: 20 },
};

export interface Panel {
  readonly scale: TimeScale;
  readonly top: number;
  readonly height: number;
}

export function axisTop(points: Points, quantity: Quantity): number {
  const { value, least } = quantities[quantity];
  const top = niceTop(Math.max(least, ...points.map((one) => value(one) ?? 0)));
  return quantity === 'errors' ? Math.min(1, top) : top;
}

/** The line of one quantity over time, filled below; a gap where there is nothing to tell. */
export function line(points: Points, quantity: Quantity, { scale, top, height }: Panel): Markup {
  const most = axisTop(points, quantity);
  const bottom = top + height;
  const y = (value: number): number => bottom - (Math.min(value, most) / most) * height;
  const runs = unbroken(points.map((one) => [scale.x(one.atMs), quantities[quantity].value(one)] as const));
  const drawn = runs.map((run) => {
    const path = run.map(([x, value]) => `${x.toFixed(1)} ${y(value).toFixed(1)}`).join(' L');
    const first = run[0]?.[0] ?? 0;
    const last = run.at(-1)?.[0] ?? first;
    if (run.length === 1)
      return markup`<circle class="dot ${quantity}" cx="${first}" cy="${y(run[0]?.[1] ?? 0)}" r="1.5"/>`;
    return markup`<path class="area ${quantity}" d="M${first} ${bottom} L${path} L${last} ${bottom} Z"/><path class="line ${quantity}" d="M${path}"/>`;
  });
  return markup`${drawn}`;
}

function unbroken(values: readonly (readonly [number, number | null])[]): (readonly [number, number])[][] {
  const runs: (readonly [number, number])[][] = [[]];
  for (const [x, value] of values) {
    if (value === null) runs.push([]);
    else runs.at(-1)?.push([x, value]);
  }
  return runs.filter((run) => run.length > 0);
}

/** When faults were on, behind the lines. */
export function faultShades(faults: ExperimentResult['faults'], { scale, top, height }: Panel): Markup[] {
  return faults.map(({ fromMs, toMs }) => {
    const from = scale.x(fromMs);
    const to = scale.x(toMs ?? scale.toMs);
    return markup`<rect class="shade" x="${from}" y="${top}" width="${Math.max(1, to - from)}" height="${height}"/>`;
  });
}
