import { useState } from 'react';
import type { StatusView } from '../../main/client/index.ts';
import { type ErrorView, toErrorView } from '../../main/contract/index.ts';
import { Button, formatSpan, plural, StateShape, toastError, useNow } from '../ui/index.ts';
import { useConnection, useEngineState, useIsKnown } from './engine-context.tsx';
import { shellBridge } from './shell-bridge.ts';
import { useCall } from './use-call.ts';

/** Says when the engine does not answer, for how long, and that the picture is an old one. */
export function ConnectionBanner() {
  const connection = useConnection();
  return connection.state === 'open' ? null : <NotConnected connection={connection} />;
}

/** Apart, so that a page whose engine answers needs no clock. */
function NotConnected({ connection: { state, sinceMs, attempt, error } }: { connection: StatusView }) {
  const now = useNow();
  const known = useIsKnown();
  const refusal = useRefusal(!known && attempt > 0);
  if (state === 'connecting' && (attempt === 0 || now - sinceMs < 1500)) return null;
  if (refusal) {
    return (
      <div className="banner banner-error" role="alert">
        <StateShape tone="error" />
        <span>
          <b>{refusal.message}</b> {refusal.remedy}
        </span>
      </div>
    );
  }
  return (
    <div className="banner banner-error">
      <StateShape tone="error" />
      <span role="alert">
        <b>The engine does not answer.</b>{' '}
        {known
          ? 'What you see is the last picture; your services keep running without it. It goes on by itself as soon as the engine is back.'
          : 'Start it with: flotilla up'}
      </span>
      {/* Beside the alert: what is read out must not begin anew each second. */}
      <span className="faint truncate">
        For {formatSpan(now - sinceMs)}
        {attempt > 0 && ` · ${plural(attempt, 'attempt')} to reconnect`}
        {error && ` · ${error}`}
      </span>
      <span style={{ flex: 1 }} />
      <StartEngine />
      <Button onClick={() => location.reload()}>Reload the page</Button>
    </div>
  );
}

/** Why the engine does not take this page, where it answers and no connection comes about. */
function useRefusal(isAsked: boolean): ErrorView | null {
  const { error } = useCall('engine.state', undefined, { enabled: isAsked, everyMs: 3000 });
  const view = error && toErrorView(error);
  return view?.code === 'UNAUTHORIZED' ? view : null;
}

/** The desktop window can bring back an engine that is gone. */
function StartEngine() {
  const [busy, setBusy] = useState(false);
  const shell = shellBridge();
  if (!shell) return null;
  const start = (): void => {
    setBusy(true);
    void shell
      .call('engine.restart')
      .catch(toastError)
      .finally(() => setBusy(false));
  };
  return (
    <Button look="primary" icon="play" busy={busy} onClick={start}>
      {busy ? 'Starting the engine …' : 'Start the engine'}
    </Button>
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
