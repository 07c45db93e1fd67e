import { type ExperimentResult, experimentVerdict, provesNothing, type StepRun } from '../../../contract/index.ts';
import { escapeXml } from './escape.ts';

const SUITES: readonly (readonly [StepRun['stage'], string])[] = [
  ['before', 'hypothesis before'],
  ['method', 'method'],
  ['during', 'hypothesis during'],
  ['after', 'hypothesis after'],
  ['rollbacks', 'rollbacks'],
];

/**
 * JUnit's XML as continuous integration reads it (https://github.com/testmoapp/junitxml): a suite for each part, a test case for
 * each probe of the hypothesis and each activity. A probe out of its tolerance is a failure, an activity without output an error.
 */
export function renderJunit({ run, deviations }: ExperimentResult): string {
  const suites = SUITES.flatMap(([stage, name]) => {
    const steps = run.steps.filter((step) => step.stage === stage);
    return steps.length === 0 ? [] : [suite(name, run.title, steps)];
  });
  const verdict = verdictCase(run, deviations);
  const all = [...run.steps.map(kindOf), verdict.kind];
  const count = (kind: Kind): number => all.filter((one) => one === kind).length;
  const seconds = run.endedAt === null ? 0 : (Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000;
  const head = `<testsuites name="${escapeXml(run.title)}" tests="${all.length}" failures="${count('failure')}" errors="${count('error')}" time="${seconds.toFixed(3)}">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${[head, ...suites, verdict.xml, '</testsuites>'].join('\n')}\n`;
}

type Kind = 'passed' | 'failure' | 'error' | 'skipped';

function kindOf(step: StepRun): Kind {
  if (step.state === 'skipped' || step.state === 'waiting') return 'skipped';
  if (step.state === 'failed') return 'error';
  return step.toleranceMet === false ? 'failure' : 'passed';
}

function suite(name: string, title: string, steps: readonly StepRun[]): string {
  const kinds = steps.map(kindOf);
  const count = (kind: Kind): number => kinds.filter((one) => one === kind).length;
  const total = steps.reduce((sum, step) => sum + (step.durationMs ?? 0), 0) / 1000;
  const cases = steps.map((step) => testCase(`${title}: ${name}`, step));
  return [
    `  <testsuite name="${escapeXml(name)}" tests="${steps.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${total.toFixed(3)}">`,
    ...cases,
    '  </testsuite>',
  ].join('\n');
}

function testCase(className: string, step: StepRun): string {
  const open = `    <testcase classname="${escapeXml(className)}" name="${escapeXml(step.name)}" time="${((step.durationMs ?? 0) / 1000).toFixed(3)}"`;
  const kind = kindOf(step);
  if (kind === 'passed') return `${open}/>`;
  if (kind === 'skipped') return `${open}><skipped/></testcase>`;
  return `${open}><${kind} message="${escapeXml(step.detail ?? 'it gave no output')}"/></testcase>`;
}

/** The run as a whole: it may be wrong though each part is right, as when somebody ended it. */
function verdictCase(run: ExperimentResult['run'], deviations: readonly string[]): { kind: Kind; xml: string } {
  const verdict = experimentVerdict(run);
  // Green it would be told as a fleet that held.
  const kind = provesNothing(run)
    ? 'skipped'
    : verdict === 'passed'
      ? verdict
      : run.status === 'completed'
        ? 'failure'
        : 'error';
  const message =
    verdict === 'deviated' ? 'the fleet deviated' : verdict === 'unsteady' ? 'it did not hold before' : verdict;
  const body =
    kind === 'passed'
      ? ''
      : kind === 'skipped'
        ? '<skipped message="a dry run proves nothing of the fleet"/>'
        : `<${kind} message="${escapeXml(message)}">${escapeXml(deviations.join('\n'))}</${kind}>`;
  const is = (one: Kind): number => (kind === one ? 1 : 0);
  const counts = `failures="${is('failure')}" errors="${is('error')}" skipped="${is('skipped')}"`;
  return {
    kind,
    xml: `  <testsuite name="verdict" tests="1" ${counts}>\n    <testcase classname="${escapeXml(run.title)}: verdict" name="completed without deviation">${body}</testcase>\n  </testsuite>`,
  };
}
