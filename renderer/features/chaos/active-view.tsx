import { Link } from '@tanstack/react-router';
import { type CSSProperties, useState } from 'react';
import type { FaultTarget, FaultView } from '../../../main/contract/index.ts';
import { leftText, msLeft, targetText } from '../../app/faults.ts';
import type { Selection } from '../../app/url-state.ts';
import { useChaos, useFaultKinds } from '../../app/use-chaos.ts';
import { keepShared, useSelection } from '../../app/use-console-search.ts';
import {
  Button,
  type Column,
  EmptyState,
  plural,
  RelativeTime,
  type Sort,
  StateShape,
  Table,
  useNow,
} from '../../ui/index.ts';
import { shareLeft, useEndFault } from './active-fault.tsx';
import { ChaosFrame } from './chaos-frame.tsx';
import { RunningExperiment } from './running-experiment.tsx';

/** What is broken on purpose at the moment, and the way to end each of it. */
export function ActiveView() {
  const { faults, experiment } = useChaos();
  return (
    <ChaosFrame part="/chaos" tools={<span className="view-count">{plural(faults.length, 'fault')} on</span>}>
      {experiment?.status === 'running' && <RunningExperiment run={experiment} />}
      {faults.length > 0 ? <FaultTable faults={faults} /> : experiment?.status !== 'running' && <NothingOn />}
    </ChaosFrame>
  );
}

function NothingOn() {
  return (
    <EmptyState
      icon="chaos"
      title="Nothing is broken on purpose"
      text="Select an edge or a service in the topology and choose “Break this”, pick a fault from the catalogue, or run an experiment."
    >
      <Link className="button button-primary" to="/topology" search={keepShared}>
        Open the topology
      </Link>
      <Link className="button" to="/chaos/catalogue" search={keepShared}>
        Catalogue
      </Link>
      <Link className="button" to="/chaos/experiments" search={keepShared}>
        Experiments
      </Link>
    </EmptyState>
  );
}

/** How the console selects what a fault is on. */
export function selectionOf(target: FaultTarget): Selection {
  return target.kind === 'edge'
    ? { kind: 'edge', from: target.from, to: target.to }
    : { kind: 'node', id: target.service };
}

function FaultTable({ faults }: { faults: readonly FaultView[] }) {
  const kinds = useFaultKinds();
  const { select } = useSelection();
  const { end, isEnding, nameOf } = useEndFault(kinds);
  const [sort, setSort] = useState<Sort>({ key: 'since', descending: true });
  const columns: Column<FaultView>[] = [
    {
      key: 'fault',
      title: 'Fault',
      sortBy: nameOf,
      cell: (fault) => (
        <span className="chaos-fault">
          <StateShape tone="fault" label="Injected:" size={13} />
          <b>{nameOf(fault)}</b>
          {fault.problem !== null && <span className="tone-error truncate">{fault.problem} It is tried again.</span>}
        </span>
      ),
    },
    {
      key: 'on',
      title: 'On',
      width: '22%',
      sortBy: (fault) => targetText(fault.target),
      cell: (fault) => (
        <button
          type="button"
          className="chaos-link"
          onClick={(event) => {
            event.stopPropagation();
            select(selectionOf(fault.target));
          }}
        >
          {targetText(fault.target)}
        </button>
      ),
    },
    {
      key: 'since',
      title: 'Since',
      width: 110,
      sortBy: (fault) => Date.parse(fault.since),
      cell: (fault) => <RelativeTime time={fault.since} />,
    },
    {
      key: 'left',
      title: 'Left',
      width: 180,
      sortBy: (fault) => msLeft(fault, 0),
      cell: (fault) => <Left fault={fault} />,
    },
    {
      key: 'by',
      title: 'Put on by',
      width: '18%',
      sortBy: (fault) => fault.experiment,
      cell: (fault) => fault.experiment ?? <span className="faint">by hand</span>,
    },
    {
      key: 'end',
      title: '',
      width: 112,
      align: 'right',
      cell: (fault) => (
        <Button
          look="fault"
          busy={isEnding(fault)}
          aria-label={`End now: ${nameOf(fault)} on ${targetText(fault.target)}`}
          onClick={(event) => {
            event.stopPropagation();
            end(fault);
          }}
        >
          {isEnding(fault) ? 'Ending …' : 'End now'}
        </Button>
      ),
    },
  ];
  return (
    <div className="chaos-scroll">
      <Table<FaultView>
        label="Faults that are on"
        columns={columns}
        rows={faults}
        rowKey={(fault) => fault.id}
        rowLabel={(fault) => `${nameOf(fault)} on ${targetText(fault.target)}`}
        sort={sort}
        onSort={setSort}
        onSelect={(fault) => select(selectionOf(fault.target))}
      />
    </div>
  );
}

function Left({ fault }: { fault: FaultView }) {
  const now = useNow();
  return (
    <span className="chaos-left">
      {fault.until !== null && (
        <span className="chaos-left-bar" style={{ '--left': shareLeft(fault, now) } as CSSProperties} />
      )}
      <span className={fault.state === 'failed' ? 'tone-error' : undefined}>{leftText(fault, now)}</span>
    </span>
  );
}
