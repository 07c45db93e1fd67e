import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useAct } from '../../app/use-call.ts';
import { keepShared } from '../../app/use-console-search.ts';
import { Button, ConfirmDialog, download, Icon, IconButton, KeyHint, Menu } from '../../ui/index.ts';
import { dropDraft } from './drafts.ts';

const DRY_RUNS = [
  { dry: 'actions', label: 'Dry run: probes only', about: 'No action is carried out' },
  { dry: 'probes', label: 'Dry run: actions only', about: 'No probe is asked' },
  { dry: 'activities', label: 'Dry run: neither', about: 'Only the order of the steps' },
  { dry: 'pause', label: 'Run without pauses', about: 'Everything, without waiting' },
] as const;

/** What a dry run leaves out. */
export type Dry = (typeof DRY_RUNS)[number]['dry'];

interface HeadProps {
  name: string;
  /** Null while it is not known: the file has errors. */
  title: string | null;
  text: string;
  isChanged: boolean;
  /** Why it cannot be run; undefined where it can. */
  whyNot: string | undefined;
  isStarting: boolean;
  onRun: (dry?: Dry) => void;
  onSaved: () => void;
  onRevert: () => void;
}

/** What an experiment is called, and what can be done with it. */
export function ExperimentHead({
  name,
  title,
  text,
  isChanged,
  whyNot,
  isStarting,
  onRun,
  onSaved,
  onRevert,
}: HeadProps) {
  const navigate = useNavigate();
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
        onClick={() => onRun()}
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
            onSelect: () => onRun(dry),
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
