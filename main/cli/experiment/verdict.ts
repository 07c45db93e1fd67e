import {
  type ExperimentResult,
  type ExperimentVerdict,
  experimentVerdict,
  provesNothing,
} from '../../contract/index.ts';
import { paint } from '../output.ts';

const VERDICTS: Readonly<Record<ExperimentVerdict, string>> = {
  running: 'It runs.',
  passed: 'The fleet held its steady state.',
  deviated: 'The fleet deviated from its steady state.',
  unsteady: 'The steady state did not hold before, so nothing was tried.',
  failed: 'A probe of the hypothesis gave no answer.',
  aborted: 'It broke off.',
  interrupted: 'It was ended early.',
};
const DRY = 'A dry run: what was carried out went well, and as something was left out it proves nothing of the fleet.';

/** What a run came to, what speaks against the fleet, and how to have its report. */
export function verdictText({ run, deviations }: Pick<ExperimentResult, 'run' | 'deviations'>): string {
  const verdict = experimentVerdict(run);
  const headline = provesNothing(run)
    ? paint('yellow', DRY)
    : paint(verdict === 'passed' ? 'green' : 'red', VERDICTS[verdict]);
  const more = `Its report: flotilla experiment report ${run.id} -o report.html`;
  return [headline, ...deviations.map((one) => `  ${one}`), paint('grey', more)].join('\n');
}
