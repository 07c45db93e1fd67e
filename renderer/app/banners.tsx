import type { StatusView } from '../../main/client/index.ts';
import { Button, formatSpan, plural, StateShape, useNow } from '../ui/index.ts';
import { useConnection, useEngineState } from './engine-context.tsx';

/** Says when the engine does not answer, for how long, and that the picture is an old one. */
export function ConnectionBanner() {
  const connection = useConnection();
  return connection.state === 'open' ? null : <NotConnected connection={connection} />;
}

/** Apart, so that a page whose engine answers needs no clock. */
function NotConnected({ connection: { state, sinceMs, attempt, error } }: { connection: StatusView }) {
  const now = useNow();
  const known = useEngineState(() => true) === true;
  if (state === 'connecting' && (attempt === 0 || now - sinceMs < 1500)) return null;
  return (
    <div className="banner banner-error" role="alert">
      <StateShape tone="error" />
      <span>
        <b>The engine does not answer</b> since {formatSpan(now - sinceMs)}
        {attempt > 0 && ` · ${plural(attempt, 'attempt')} to reconnect`}.{' '}
        {known
          ? 'What you see is the last picture; your services keep running without it. It goes on by itself as soon as the engine is back.'
          : 'Start it with: flotilla up'}
      </span>
      {error && <span className="faint truncate">{error}</span>}
      <span style={{ flex: 1 }} />
      <Button onClick={() => location.reload()}>Reload the page</Button>
    </div>
  );
}

/** What of the engine does not work right now, such as a full disk under the store. */
export function ProblemBanner() {
  const problems = useEngineState((state) => state.problems);
  return problems?.map((problem) => (
    <div className="banner banner-warn" role="alert" key={problem.code + problem.message}>
      <StateShape tone="warn" />
      <span>
        <b>{problem.message}</b> {problem.remedy}
      </span>
      <span style={{ flex: 1 }} />
      <code className="mono faint">{problem.code}</code>
    </div>
  ));
}
