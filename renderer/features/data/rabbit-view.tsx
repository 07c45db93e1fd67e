import { useState } from 'react';
import type { RabbitPeek, RabbitQueue } from '../../../main/contract/index.ts';
import { useCall } from '../../app/use-call.ts';
import {
  type Column,
  EmptyState,
  formatBytes,
  formatCount,
  formatRate,
  IconButton,
  Loading,
  MetricCard,
  numberColumn,
  plural,
  type Sort,
  StateLabel,
  Table,
  type Tone,
} from '../../ui/index.ts';
import { DataProblem } from './data-problem.tsx';
import { StoreHead } from './store-head.tsx';
import { useDataSearch } from './use-data-search.ts';

const EVERY_MS = 2000;

/** A RabbitMQ broker: its queues, how deep they are, and who empties them. */
export function RabbitView({ service }: { service: string }) {
  const { data, error, refetch } = useCall('peek.rabbitmq', { service }, { everyMs: EVERY_MS });
  if (error) return <DataProblem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading what={`Asking ${service} for its queues`} />;
  const sum = (of: (queue: RabbitQueue) => number): number =>
    data.queues.reduce((total, queue) => total + of(queue), 0);
  const orphans = data.queues.filter((queue) => queue.consumers === 0 && queue.ready > 0).length;
  return (
    <>
      <StoreHead service={service} what={`RabbitMQ ${data.version}`}>
        <MetricCard name="Ready" value={formatCount(sum((queue) => queue.ready))} unit="messages" />
        <MetricCard name="Unacknowledged" value={formatCount(sum((queue) => queue.unacknowledged))} unit="messages" />
        <MetricCard
          name="Consumers"
          value={formatCount(data.consumers.length)}
          unit={`on ${plural(data.connections, 'connection')}`}
        />
        <MetricCard
          name="Queues nobody reads"
          value={formatCount(orphans)}
          {...(orphans > 0 ? { tone: 'warn' as const } : {})}
        />
      </StoreHead>
      <Queues peek={data} />
    </>
  );
}

const keyOf = (queue: { vhost: string; name: string }): string => `${queue.vhost} ${queue.name}`;

function Queues({ peek }: { peek: RabbitPeek }) {
  const [search, change] = useDataSearch();
  const [sort, setSort] = useState<Sort>({ key: 'ready', descending: true });
  if (peek.queues.length === 0) {
    return (
      <EmptyState
        icon="database"
        title="The broker has no queue yet"
        text="They appear here when a service declares one."
      />
    );
  }
  const chosen = peek.queues.find((queue) => keyOf(queue) === search.item);
  return (
    <div className="data-main">
      <div className="data-table data-scroll">
        <Table<RabbitQueue>
          label="Queues"
          columns={QUEUE_COLUMNS}
          rows={peek.queues}
          rowKey={keyOf}
          rowLabel={(queue) => `${queue.name}, ${queue.ready} ready`}
          sort={sort}
          onSort={setSort}
          selectedKey={search.item ?? null}
          onSelect={(queue) => change({ item: keyOf(queue) === search.item ? undefined : keyOf(queue) })}
        />
      </div>
      {chosen && <QueueFacts queue={chosen} peek={peek} onClose={() => change({ item: undefined })} />}
    </div>
  );
}

function QueueFacts({ queue, peek, onClose }: { queue: RabbitQueue; peek: RabbitPeek; onClose: () => void }) {
  const consumers = peek.consumers.filter((one) => one.queue === queue.name && one.vhost === queue.vhost);
  return (
    <section className="data-preview" aria-label={`Queue ${queue.name}`}>
      <header className="data-preview-head">
        <h2>{queue.name}</h2>
        <span className="data-grow" />
        <IconButton icon="close" label="Close the queue" onClick={onClose} />
      </header>
      <p className="data-hint muted">
        {queue.type}, {queue.durable ? 'durable' : 'gone when the broker restarts'}, virtual host {queue.vhost}.{' '}
        {queue.deadLetterExchange === null
          ? 'What is rejected is dropped.'
          : `What is rejected goes to the exchange ${queue.deadLetterExchange || '(default)'}.`}{' '}
        {queue.memoryBytes !== null && `${formatBytes(queue.memoryBytes)} in memory.`}
      </p>
      {consumers.length === 0 ? (
        <p className="data-hint">Nobody reads this queue{queue.ready > 0 ? ', and messages wait in it.' : '.'}</p>
      ) : (
        <ul className="data-consumers">
          {consumers.map((one) => (
            <li key={`${one.connection} ${one.tag}`}>
              <code>{one.tag}</code> from {one.connection},{' '}
              {one.prefetch === 0 ? 'takes any number at a time' : `takes ${one.prefetch} at a time`}
              {one.acknowledges ? '' : ', acknowledges nothing'}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function toneOf(queue: RabbitQueue): Tone {
  if (queue.state === 'running' || queue.state === 'idle')
    return queue.consumers === 0 && queue.ready > 0 ? 'warn' : 'ok';
  return 'error';
}

const QUEUE_COLUMNS: readonly Column<RabbitQueue>[] = [
  {
    key: 'name',
    title: 'Queue',
    sortBy: (queue) => queue.name,
    cell: (queue) => (
      <span className="truncate">
        <strong>{queue.name}</strong> <span className="faint">{queue.description}</span>
      </span>
    ),
  },
  {
    key: 'state',
    title: 'State',
    width: 130,
    sortBy: (queue) => queue.state,
    cell: (queue) => (
      <StateLabel tone={toneOf(queue)} word={toneOf(queue) === 'warn' ? 'nobody reads it' : queue.state} />
    ),
  },
  numberColumn('ready', 'Ready', 84, (queue) => queue.ready, formatCount),
  numberColumn('unacknowledged', 'Unacknowledged', 126, (queue) => queue.unacknowledged, formatCount),
  numberColumn('consumers', 'Consumers', 96, (queue) => queue.consumers, formatCount),
  numberColumn('in', 'In', 92, (queue) => queue.publishPerSecond, formatRate),
  numberColumn('out', 'Out', 92, (queue) => queue.deliverPerSecond, formatRate),
];
