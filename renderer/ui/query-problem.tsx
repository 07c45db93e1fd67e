import type { ErrorView } from '../../main/contract/index.ts';
import './query-problem.css';
import { StateShape } from './state-shape.tsx';

/** A search that is not understood, with the place marked. `position` of the error counts characters from 1. */
export function QueryProblem({ query, error }: { query: string; error: ErrorView }) {
  const at = Math.max(0, Number(error.details.position ?? 1) - 1);
  const word = String(error.details.word ?? '').replace(/…$/, '');
  const marked = query.slice(at, at + Math.max(1, word.length)) || ' ';
  return (
    <div className="query-problem" role="alert">
      <StateShape tone="error" label="Error" />
      <div>
        <code className="query-problem-text">
          {query.slice(0, at)}
          <mark>{marked}</mark>
          {query.slice(at + marked.length)}
        </code>
        <p>
          {sentence(String(error.details.detail ?? error.message))} <span className="muted">{error.remedy}</span>
        </p>
      </div>
    </div>
  );
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
