import { Link } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ExperimentName, type ExperimentProblem, toErrorView } from '../../../main/contract/index.ts';
import { useCall } from '../../app/use-call.ts';
import { useRunningExperiment } from '../../app/use-chaos.ts';
import { keepShared } from '../../app/use-console-search.ts';
import { EmptyState, ErrorNote, Loading, plural } from '../../ui/index.ts';
import { ChaosFrame } from './chaos-frame.tsx';
import { draftOf, keepDraft } from './drafts.ts';
import { type LineMarks, TextEditor, type TextEditorHandle } from './editor/text-editor.tsx';
import { type Dry, ExperimentHead } from './experiment-head.tsx';
import { ExperimentProblems } from './experiment-problems.tsx';
import { changedValues, valueSentence } from './given-values.ts';
import { experimentRoute } from './index.tsx';
import { Outline } from './outline.tsx';
import { useGivenValues } from './use-given-values.ts';
import { useStart } from './use-start.ts';
import { VariablesForm } from './variables-form.tsx';

/** How long typing rests before the text is checked. */
const REST_MS = 250;

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
  const running = useRunningExperiment();
  const { start, isStarting } = useStart();
  const { given, give } = useGivenValues(name);
  const variables = check?.outline?.variables ?? [];
  const isChanged = text !== saved;
  const canRun = check?.outline !== null && check !== undefined && rested === text;
  const wrong = variables.map((one) => valueSentence(one, given)).find((one) => one !== null);
  const whyNot = running ? `${running.title} is running.` : canRun ? wrong : 'It has errors.';
  const run = (dry?: Dry): void => {
    // What is run is what is seen, saved or not.
    const source = isChanged ? { text, file: name } : { name };
    const input = { source, variables: changedValues(variables, given) };
    start(dry === undefined ? input : { ...input, dry });
  };
  const change = (next: string): void => {
    setText(next);
    keepDraft(name, next, saved);
  };
  return (
    <div className="workbench">
      <ExperimentHead
        name={name}
        title={check?.outline?.title ?? null}
        text={text}
        isChanged={isChanged}
        whyNot={whyNot}
        isStarting={isStarting}
        onRun={run}
        onSaved={onSaved}
        onRevert={() => change(saved)}
      />
      <div className="workbench-text">
        <TextEditor ref={editor} label={`Text of ${name}`} value={text} marks={marks} onChange={change} />
        <ExperimentProblems
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
          <>
            {variables.length > 0 && (
              <VariablesForm
                variables={variables}
                given={given}
                whyNot={isStarting ? 'It is starting.' : whyNot}
                onGive={give}
                onRun={run}
              />
            )}
            <Outline outline={check.outline} />
          </>
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
