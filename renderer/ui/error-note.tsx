import type { ErrorView } from '../../main/contract/index.ts';
import './error-note.css';
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { StateShape } from './state-shape.tsx';

/** An error where its result would have been: what happened, what to do, its code, and the way to try again. */
export function ErrorNote({ error, onRetry }: { error: ErrorView; onRetry?: () => void }) {
  return (
    <div className="error-note" role="alert">
      <StateShape tone="error" label="Error" />
      <div>
        <p className="error-note-message">{error.message}</p>
        <p className="muted">{error.remedy}</p>
        <p className="error-note-foot">
          <code>{error.code}</code>
          <CopyButton text={`${error.code}: ${error.message} ${error.remedy}`} what="error" />
          {onRetry && <Button onClick={onRetry}>Try again</Button>}
        </p>
      </div>
    </div>
  );
}
