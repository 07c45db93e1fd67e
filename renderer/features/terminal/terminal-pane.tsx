import '@xterm/xterm/css/xterm.css';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useConnection } from '../../app/engine-context.tsx';
import { Button, copyText, FindBox, IconButton, toastDone } from '../../ui/index.ts';
import { isGone, type SessionState, type TerminalSession } from './terminal-session.ts';
import type { OpenTerminal } from './terminal-store.ts';

/** Which of the console's own keys a press is: of those the shell hears nothing. */
function ownKey(event: globalThis.KeyboardEvent): 'leave' | 'find' | 'copy' | null {
  if (!event.ctrlKey || !event.shiftKey || event.altKey) return null;
  switch (event.code) {
    case 'KeyX':
      return 'leave';
    case 'KeyF':
      return 'find';
    case 'KeyC':
      return 'copy';
    default:
      return null;
  }
}

/** One terminal: its screen, the tools for it, and what became of its shell. */
export function TerminalPane({ open, onClose }: { open: OpenTerminal; onClose: () => void }) {
  const { session, state } = open;
  const screen = useRef<HTMLDivElement>(null);
  const find = useRef<HTMLInputElement>(null);
  const leave = useRef<HTMLButtonElement>(null);
  useScreen(session, screen);

  useEffect(() => {
    const { terminal } = session;
    // Everything else, Escape included, is the shell's.
    terminal.attachCustomKeyEventHandler((event) => {
      const key = ownKey(event);
      if (key === null) return true;
      event.preventDefault();
      event.stopPropagation();
      if (event.type !== 'keydown') return false;
      if (key === 'leave') leave.current?.focus();
      else if (key === 'find') find.current?.focus();
      else void copySelection(session);
      return false;
    });
  }, [session]);

  return (
    <section className="terminal-pane" aria-label={`Terminal in ${session.service}`}>
      <div className="terminal-tools">
        <Find session={session} input={find} />
        <IconButton
          icon="copy"
          label="Copy what is selected (Ctrl+Shift+C)"
          onClick={() => void copySelection(session)}
        />
        <Button look="quiet" onClick={() => session.terminal.clear()}>
          Clear
        </Button>
        <Button look="quiet" onClick={onClose}>
          End the shell
        </Button>
        <Button
          ref={leave}
          look="quiet"
          onClick={() => session.terminal.focus()}
          title="Puts the keys into the terminal"
        >
          Type in it
        </Button>
      </div>
      <div ref={screen} className="terminal-screen" />
      <Foot state={state} onAgain={() => session.again()} />
    </section>
  );
}

function useScreen(session: TerminalSession, screen: React.RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const element = screen.current;
    if (!element) return;
    session.attach(element);
    let frame = 0;
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => session.fit());
    });
    observer.observe(element);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
    };
  }, [session, screen]);
}

async function copySelection(session: TerminalSession): Promise<void> {
  const text = session.terminal.getSelection();
  if (text === '') return toastDone('Nothing is selected in the terminal.');
  if (await copyText(text)) toastDone('Copied.');
}

const MARKS = { matchBackground: '#00000000', matchOverviewRuler: '#808080', activeMatchColorOverviewRuler: '#808080' };

/** Searches what the terminal still holds. */
function Find({ session, input }: { session: TerminalSession; input: React.RefObject<HTMLInputElement | null> }) {
  const [text, setText] = useState('');
  const [found, setFound] = useState<{ resultIndex: number; resultCount: number } | null>(null);
  useEffect(() => {
    const listener = session.search.onDidChangeResults(setFound);
    return () => listener.dispose();
  }, [session]);
  const look = (wanted: string, back = false): void => {
    const options = { decorations: MARKS, incremental: false };
    if (wanted === '') session.search.clearDecorations();
    else if (back) session.search.findPrevious(wanted, options);
    else session.search.findNext(wanted, options);
  };
  return (
    <FindBox
      input={input}
      label="Search in the terminal"
      placeholder="Search (Ctrl+Shift+F)"
      text={text}
      found={
        text === '' || !found
          ? ''
          : found.resultCount === 0
            ? 'not found'
            : `${found.resultIndex + 1} of ${found.resultCount}`
      }
      onText={(next) => {
        setText(next);
        look(next);
      }}
      onGo={(back) => look(text, back)}
      onLeave={() => session.terminal.focus()}
    />
  );
}

/** What became of the shell, or of the way to it; nothing while all is well. */
function Foot({ state, onAgain }: { state: SessionState; onAgain: () => void }) {
  const connection = useConnection();
  const again = (
    <Button look="primary" icon="restart" onClick={onAgain}>
      Open again
    </Button>
  );
  const line = (content: ReactNode) => (
    <div className="terminal-foot" role="status">
      {content}
    </div>
  );
  if (connection.state === 'reconnecting' || connection.state === 'closed') {
    return line(
      'The engine does not answer. The shell goes on without this page if the engine still runs; what it writes meanwhile may be missing here.',
    );
  }
  switch (state.kind) {
    case 'open':
      return null;
    case 'opening':
      return line('Opening a shell …');
    case 'ended':
      return line(
        <>
          The shell ended with exit code <b>{state.exitCode}</b>. {again}
        </>,
      );
    case 'failed':
      return line(
        <>
          <span>
            {isGone(state.error)
              ? 'This shell is gone: its engine was stopped or started again, or nobody looked at it for ten minutes.'
              : `${state.error.message} ${state.error.remedy}`}
          </span>{' '}
          {again}
        </>,
      );
  }
}
