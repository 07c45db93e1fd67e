import type { ExperimentResult } from '../../../contract/index.ts';
import { axisTop, faultShades, line, type Quantity, quantities } from './chart.ts';
import { type Markup, markup } from './markup.ts';
import { timeScale } from './scale.ts';

const WIDTH = 260;
const HEIGHT = 40;
const QUANTITIES: readonly Quantity[] = ['rate', 'errors', 'p95'];

/** Rate, errors and p95 of every service, a row each; those that suffered most come first. */
export function byService(result: ExperimentResult): Markup {
  const charts = result.charts.filter((one) => one.service !== null).sort((a, b) => suffering(b) - suffering(a));
  if (charts.length === 0) return markup`<p class="quiet">No service sent telemetry while it ran.</p>`;
  const rows = charts.map(
    (chart) =>
      markup`<tr><th scope="row">${chart.service}</th>${QUANTITIES.map((one) => cell(chart, one, result))}</tr>`,
  );
  const heads = QUANTITIES.map((one) => markup`<th scope="col">${quantities[one].title}</th>`);
  return markup`<table class="services"><thead><tr><th scope="col">Service</th>${heads}</tr></thead><tbody>${rows}</tbody></table>`;
}

type Chart = ExperimentResult['charts'][number];

function cell({ service, points }: Chart, quantity: Quantity, result: ExperimentResult): Markup {
  const panel = { scale: timeScale(result, 0, WIDTH), top: 2, height: HEIGHT - 4 };
  const { value, show, title } = quantities[quantity];
  const most = points.reduce<number | null>((top, one) => {
    const found = value(one);
    return found === null ? top : Math.max(top ?? 0, found);
  }, null);
  const isBad = quantity === 'errors' && (most ?? 0) >= 0.01;
  return markup`<td><div class="spark"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${title} of ${service ?? 'the fleet'}, ${show(axisTop(points, quantity))} at the top">
    ${faultShades(result.faults, panel)}<line class="axis" x1="0" y1="${HEIGHT - 2}" x2="${WIDTH}" y2="${HEIGHT - 2}"/>${line(points, quantity, panel)}</svg>
    <span class="${isBad ? 'most bad-text' : 'most'}">${most === null ? '–' : show(most)}</span></div></td>`;
}

/** Requests that failed count most, then how slow the slowest were. */
function suffering({ points }: Chart): number {
  const failed = points.reduce((sum, one) => sum + one.rate * (one.errorRate ?? 0), 0);
  const slowest = Math.max(0, ...points.map((one) => one.p95Ms ?? 0));
  return failed * 1e6 + slowest;
}
