import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ExperimentName, type ExperimentProblem, toErrorView } from '../../../main/contract/index.ts';
import { useAct, useCall } from '../../app/use-call.ts';
import { useRunningExperiment } from '../../app/use-chaos.ts';
import { keepShared } from '../../app/use-console-search.ts';
import {
  Button,
  ConfirmDialog,
  download,
  EmptyState,
  ErrorNote,
  Icon,
  IconButton,
  KeyHint,
  Loading,
  Menu,
  plural,
  StateShape,
} from '../../ui/index.ts';
import { ChaosFrame } from './chaos-frame.tsx';
import { draftOf, dropDraft, keepDraft } from './drafts.ts';
import { type LineMarks, TextEditor, type TextEditorHandle } from './editor/text-editor.tsx';
import { experimentRoute } from './index.tsx';
import { Outline } from './outline.tsx';
import { useStart } from './use-start.ts';

/** How long typing rests before the text is checked. */
const REST_MS = 250;

const DRY_RUNS = [
  { dry: 'actions', label: 'Dry run: probes only', about: 'No action is carried out' },
  { dry: 'probes', label: 'Dry run: actions only', about: 'No probe is asked' },
  { dry: 'activities', label: 'Dry run: neither', about: 'Only the order of the steps' },
  { dry: 'pause', label: 'Run without pauses', about: 'Everything, without waiting' },
] as const;

/** One experiment: its text, checked as one types, beside what it would do. */
export function ExperimentView() {
  const { name } = experimentRoute.useParams();
  const isName = ExperimentName.safeParse(name).success;
  const { data, error, refetch } = useCall('experiment.read', { name }, { keepPrevious: false, enabled: isName });
  return (
    <ChaosFrame part="/chaos/experiments">
      {!isName ? (
        <EmptyState
          icon="chaos"
          title="This is no experiment"
          text={`The address has ${name}; an experiment is a file that ends with .yaml, .yml or .json.`}
        >
          <Link className="button" to="/chaos/experiments" search={keepShared}>
            All experiments
          </Link>
        </EmptyState>
      ) : error && !data ? (
        <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <Loading what={`Reading ${name}`} />
      ) : (
        <Workbench key={name} name={name} saved={data.text} onSaved={() => void refetch()} />
      )}
    </ChaosFrame>
  );
}

function Workbench({ name, saved, onSaved }: { name: string; saved: string; onSaved: () => void }) {
  const [text, setText] = useState(() => draftOf(name) ?? saved);
  const editor = useRef<TextEditorHandle>(null);
  const rested = useRested(text);
  const { data: check, error } = useCall('experiment.check', { text: rested });
  const problems = check?.problems ?? [];
  const marks = useMemo(() => marksOf(check?.problems ?? []), [check]);
  const change = (next: string): void => {
    setText(next);
    keepDraft(name, next, saved);
  };
  return (
    <div className="workbench">
      <Head
        name={name}
        title={check?.outline?.title ?? null}
        text={text}
        isChanged={text !== saved}
        canRun={check?.outline !== null && check !== undefined && rested === text}
        onSaved={onSaved}
        onRevert={() => change(saved)}
      />
      <div className="workbench-text">
        <TextEditor ref={editor} label={`Text of ${name}`} value={text} marks={marks} onChange={change} />
        <Problems
          problems={problems}
          isChecked={check !== undefined}
          onJump={(problem) => editor.current?.jump(problem.line, problem.column)}
        />
      </div>
      <aside className="workbench-side" aria-label="What it does">
        {error && !check ? (
          <ErrorNote error={toErrorView(error)} />
        ) : !check ? (
          <Loading what="Checking it" />
        ) : check.outline ? (
          <Outline outline={check.outline} />
        ) : (
          <EmptyState
            title="It cannot be run yet"
            text={`${plural(problems.filter((one) => one.severity === 'error').length, 'error')} to mend first; each leads to its line.`}
          />
        )}
      </aside>
    </div>
  );
}

function useRested(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}

function marksOf(problems: readonly ExperimentProblem[]): LineMarks {
  const marks = new Map<number, 'error' | 'warning'>();
  for (const { line, severity } of problems) if (marks.get(line) !== 'error') marks.set(line, severity);
  return marks;
}

interface HeadProps {
  name: string;
  /** Null while it is not known: the file has errors. */
  title: string | null;
  text: string;
  isChanged: boolean;
  canRun: boolean;
  onSaved: () => void;
  onRevert: () => void;
}

function Head({ name, title, text, isChanged, canRun, onSaved, onRevert }: HeadProps) {
  const navigate = useNavigate();
  const running = useRunningExperiment();
  const { start, isStarting } = useStart();
  const [isAsking, setAsking] = useState(false);
  const save = useAct('experiment.save', () => `${name} is saved.`);
  const remove = useAct('experiment.delete', () => `${name} is deleted.`);
  const store = (): void => {
    if (!isChanged || save.isPending) return;
    save.mutate(
      { name, text },
      {
        onSuccess: () => {
          dropDraft(name);
          onSaved();
        },
      },
    );
  };
  useSaveKey(store);
  // What is run is what is seen, saved or not.
  const source = isChanged ? { text, file: name } : { name };
  const whyNot = running ? `${running.title} is running.` : canRun ? undefined : 'It has errors.';
  return (
    <header className="workbench-head">
      <Link to="/chaos/experiments" search={keepShared} className="service-back" aria-label="All experiments">
        <Icon name="arrow-left" />
      </Link>
      <h1 className="truncate">{title ?? name}</h1>
      <code className="faint truncate">
        {[title !== null && name, isChanged && 'not saved'].filter(Boolean).join(' · ')}
      </code>
      <span className="workbench-space" />
      <Button icon="check" busy={save.isPending} disabled={!isChanged} onClick={store} title="Saves the file (Ctrl+S)">
        {save.isPending ? 'Saving …' : 'Save'} <KeyHint keys="Mod+S" />
      </Button>
      <Button
        look="primary"
        icon="play"
        busy={isStarting}
        disabled={whyNot !== undefined}
        title={whyNot ?? 'Runs it now, on the running fleet'}
        onClick={() => start({ source })}
      >
        {isStarting ? 'Starting …' : 'Run'}
      </Button>
      <Menu
        trigger={<IconButton icon="more" label={`More to do with ${name}`} />}
        groups={[
          DRY_RUNS.map(({ dry, label }) => ({
            label,
            icon: 'play' as const,
            ...(whyNot === undefined ? {} : { disabledReason: whyNot }),
            onSelect: () => start({ source, dry }),
          })),
          [
            { label: 'Download', icon: 'down', onSelect: () => download(name, text, 'text/plain') },
            ...(isChanged ? [{ label: 'Undo all changes', icon: 'restart' as const, onSelect: onRevert }] : []),
          ],
          [{ label: 'Delete …', icon: 'close', danger: true, onSelect: () => setAsking(true) }],
        ]}
      />
      <ConfirmDialog
        open={isAsking}
        title={`Delete ${name}?`}
        text="The file is removed from the fleet’s folder. Runs of it that were kept stay."
        action={`Delete ${name}`}
        onClose={() => setAsking(false)}
        onConfirm={() =>
          remove.mutate(
            { name },
            {
              onSuccess: () => {
                dropDraft(name);
                void navigate({ to: '/chaos/experiments', search: keepShared });
              },
            },
          )
        }
      />
    </header>
  );
}

/** Ctrl+S saves the experiment, not the page. */
function useSaveKey(save: () => void): void {
  const latest = useRef(save);
  latest.current = save;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 's' || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      latest.current();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

function Problems({
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
