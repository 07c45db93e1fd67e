import {
  type ExperimentResult,
  type ExperimentVerdict,
  experimentVerdict,
  provesNothing,
  type StepRun,
  VERSION,
} from '../../../contract/index.ts';
import { byService } from './by-service.ts';
import { clock, milliseconds } from './figures.ts';
import { Markup, markup } from './markup.ts';
import { styles } from './styles.ts';
import { faultText, timeline } from './timeline.ts';
import { topologyFigure } from './topology.ts';
import { traceFigure } from './trace-figure.ts';

const VERDICTS: Readonly<Record<ExperimentVerdict, readonly [look: 'good' | 'bad' | 'warn', words: string]>> = {
  running: ['warn', 'It is still running.'],
  passed: ['good', 'The fleet held its steady state.'],
  deviated: ['bad', 'The fleet deviated from its steady state.'],
  unsteady: ['warn', 'The steady state did not hold before, so nothing was tried.'],
  failed: ['warn', 'A probe of the hypothesis gave no answer.'],
  aborted: ['warn', 'The experiment broke off.'],
  interrupted: ['warn', 'The experiment was ended early.'],
};

const DRY = ['warn', 'A dry run: as something was left out, it proves nothing of the fleet.'] as const;

const ICONS = {
  good: 'M8 20.5 L16 28.5 L32 12',
  bad: 'M11 11 L29 29 M29 11 L11 29',
  warn: 'M20 9 L20 23 M20 29.4 L20 30.6',
};

/** The report as one page that stands alone: nothing in it is loaded from elsewhere, and no script runs in it. */
export function renderHtml(result: ExperimentResult): string {
  const { run } = result;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${run.title} · experiment of ${clock(run.startedAt)}</title>
<style>${new Markup(styles)}</style>
</head>
<body><main>
${header(result)}
${hypothesis(result)}
<section class="long"><h2>What happened</h2><p class="quiet">What was done and which faults were on, over what the fleet’s callers saw. Times are from the start of the run${result.worst === null ? '' : '; the dashed line is the worst moment'}.</p><div class="scroll">${timeline(result)}</div></section>
${activities(result)}
${worstSection(result)}
<section class="long"><h2>By service</h2><p class="quiet">What each served while it ran; faults are shaded, the highest value stands at the right. Those that suffered most come first.</p>${byService(result)}</section>
${traces(result)}
${journal(result)}
<footer>Flotilla ${VERSION} · run ${run.id}</footer>
</main></body>
</html>`;
  return `${page.text}\n`;
}

function header({ run, journal: { experiment }, deviations }: ExperimentResult): Markup {
  const [look, words] = provesNothing(run) ? DRY : VERDICTS[experimentVerdict(run)];
  const { description } = (experiment ?? {}) as { description?: unknown };
  const tookMs = run.endedAt === null ? null : Date.parse(run.endedAt) - Date.parse(run.startedAt);
  const list = deviations.length === 0 ? null : markup`<ul>${deviations.map((one) => markup`<li>${one}</li>`)}</ul>`;
  return markup`<header><h1>${run.title}</h1>${typeof description === 'string' ? markup`<p>${description}</p>` : null}
<ul class="facts"><li>Fleet <b>${run.fleet}</b> on <b>${RUNTIMES[run.runtime]}</b></li><li>Started <b>${clock(run.startedAt)}</b></li><li>Took <b>${milliseconds(tookMs)}</b></li>${run.name === null ? null : markup`<li>File <b>${run.name}</b></li>`}${run.dry ? markup`<li><b>Dry run</b></li>` : null}${variableFacts(run)}</ul>
<div class="verdict ${look}"><svg viewBox="0 0 40 40" aria-hidden="true"><circle cx="20" cy="20" r="19" fill="none" stroke="currentColor" stroke-width="2"/><path d="${ICONS[look]}" fill="none" stroke="currentColor" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round"/></svg><div><strong>${words}</strong>${list}</div></div></header>`;
}

function variableFacts({ variables }: ExperimentResult['run']): Markup[] {
  return Object.entries(variables).map(
    ([name, text]) => markup`<li>With ${name} <b>${text ?? 'that is secret'}</b></li>`,
  );
}

const RUNTIMES = { process: 'local processes', docker: 'Docker', kubernetes: 'Kubernetes' } as const;

function hypothesis({ run, journal: { experiment } }: ExperimentResult): Markup | null {
  const looks = (['before', 'during', 'after'] as const).filter((stage) =>
    run.steps.some((step) => step.stage === stage),
  );
  if (looks.length === 0) return null;
  const names = [
    ...new Set(run.steps.filter((step) => looks.some((one) => one === step.stage)).map((step) => step.name)),
  ];
  const { title } = ((experiment as Record<string, unknown> | undefined)?.['steady-state-hypothesis'] ?? {}) as {
    title?: unknown;
  };
  const cell = (name: string, stage: StepRun['stage']): Markup => {
    const step = run.steps.find((one) => one.stage === stage && one.name === name);
    return markup`<td>${step === undefined ? null : pill(step)}${step?.detail ? markup`<small>${step.detail}</small>` : null}</td>`;
  };
  const rows = names.map(
    (name) => markup`<tr><th scope="row">${name}</th>${looks.map((stage) => cell(name, stage))}</tr>`,
  );
  const heads = looks.map((stage) => markup`<th scope="col">${HEADS[stage]}</th>`);
  return markup`<section><h2>Hypothesis</h2><p>${typeof title === 'string' ? title : ''}</p><table><thead><tr><th scope="col">Probe</th>${heads}</tr></thead><tbody>${rows}</tbody></table></section>`;
}

const HEADS = { before: 'Before', during: 'During, last look', after: 'After' } as const;

function pill({ state, toleranceMet }: StepRun): Markup {
  if (state === 'skipped' || state === 'waiting') return markup`<span class="pill none">not asked</span>`;
  if (state === 'failed') return markup`<span class="pill bad">no answer</span>`;
  return toleranceMet === false
    ? markup`<span class="pill bad">not met</span>`
    : markup`<span class="pill good">met</span>`;
}

function activities({ run, faults }: ExperimentResult): Markup | null {
  const steps = run.steps.filter((step) => step.stage === 'method' || step.stage === 'rollbacks');
  if (steps.length === 0) return null;
  const zeroMs = Date.parse(run.startedAt);
  const rows = steps.map((step) => {
    const at = step.startedAt === null ? '–' : milliseconds(Math.max(0, Date.parse(step.startedAt) - zeroMs));
    const state = step.state === 'succeeded' ? 'good' : step.state === 'failed' ? 'bad' : 'none';
    const words = { succeeded: 'done', failed: 'failed', skipped: 'left out', waiting: 'left out', running: 'runs' }[
      step.state
    ];
    return markup`<tr><td class="nowrap">${at}</td><th scope="row">${step.name}${step.stage === 'rollbacks' ? markup` <small class="quiet">rollback</small>` : null}</th><td><span class="pill ${state}">${words}</span></td><td class="nowrap">${milliseconds(step.durationMs)}</td><td>${step.detail ?? ''}</td></tr>`;
  });
  return markup`<section><h2>Actions and faults</h2><table><thead><tr><th scope="col">At</th><th scope="col">Activity</th><th scope="col">Outcome</th><th scope="col">Took</th><th scope="col">Gave</th></tr></thead><tbody>${rows}</tbody></table>${faultList(faults, zeroMs)}</section>`;
}

function faultList(faults: ExperimentResult['faults'], zeroMs: number): Markup | null {
  if (faults.length === 0) return null;
  const rows = faults.map(({ fault, fromMs, toMs }) => {
    const lasted = toMs === null ? 'until after the run' : milliseconds(toMs - fromMs);
    return markup`<tr><td class="nowrap">${milliseconds(Math.max(0, fromMs - zeroMs))}</td><th scope="row">${faultText(fault)}</th><td class="nowrap">${lasted}</td><td>${fault.experiment === null ? 'put on by hand' : ''}${fault.problem ?? ''}</td></tr>`;
  });
  return markup`<table><thead><tr><th scope="col">From</th><th scope="col">Fault</th><th scope="col">Lasted</th><th scope="col"></th></tr></thead><tbody>${rows}</tbody></table>`;
}

function worstSection({ worst, run }: ExperimentResult): Markup | null {
  if (worst === null || worst.nodes.length === 0) return null;
  const after = milliseconds(Math.max(0, worst.atMs - Date.parse(run.startedAt)));
  return markup`<section><h2>The fleet at its worst moment</h2><p class="quiet">${after} after the start, when most requests failed or, where none did, most services were down and requests slowest. Red calls fail or have a fault on them, amber ones take more than a second.</p><div class="scroll">${topologyFigure(worst)}</div></section>`;
}

function traces({ traces: found }: ExperimentResult): Markup | null {
  if (found.length === 0) return null;
  return markup`<section class="long"><h2>Example traces</h2>${found.map(traceFigure)}</section>`;
}

function journal({ journal: content }: ExperimentResult): Markup {
  return markup`<section class="long"><details><summary>Journal</summary><p class="quiet">In Chaos Toolkit’s form.</p><pre>${JSON.stringify(content, null, 2)}</pre></details></section>`;
}
