import type { ExperimentProblem } from '../../../main/contract/index.ts';
import { plural, StateShape } from '../../ui/index.ts';

/** What is wrong with the text of an experiment; each leads to its line. */
export function ExperimentProblems({
  problems,
  isChecked,
  onJump,
}: {
  problems: readonly ExperimentProblem[];
  isChecked: boolean;
  onJump: (problem: ExperimentProblem) => void;
}) {
  const errors = problems.filter((one) => one.severity === 'error').length;
  const warnings = problems.length - errors;
  const summary = !isChecked
    ? 'Checking …'
    : problems.length === 0
      ? 'No problem found'
      : [errors > 0 && plural(errors, 'error'), warnings > 0 && plural(warnings, 'warning')].filter(Boolean).join(', ');
  return (
    <section className="problems" aria-label="Problems">
      <h2 role="status">
        <StateShape tone={errors > 0 ? 'error' : warnings > 0 ? 'warn' : isChecked ? 'ok' : 'idle'} /> {summary}
        <span className="faint">Tab indents; Esc, then Tab leaves the text</span>
      </h2>
      <ul>
        {problems.map((problem) => (
          <li key={`${problem.line}:${problem.column}:${problem.path}:${problem.detail}`}>
            <button type="button" onClick={() => onJump(problem)}>
              <StateShape
                tone={problem.severity === 'error' ? 'error' : 'warn'}
                label={problem.severity === 'error' ? 'Error' : 'Warning'}
              />
              <code>
                {problem.line}:{problem.column}
              </code>
              <span>
                {problem.detail}
                {problem.expected !== null && <span className="muted"> Expected: {problem.expected}.</span>}
              </span>
              <code className="faint">{problem.path}</code>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
