import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { KafkaTopicDetail } from '../../../main/contract/index.ts';
import { useCall } from '../../app/use-call.ts';
import { keepShared } from '../../app/use-console-search.ts';
import {
  Button,
  formatBytes,
  formatCount,
  formatRate,
  Icon,
  Loading,
  plural,
  Sparkline,
  Tabs,
} from '../../ui/index.ts';
import { recordHistory } from './history.ts';
import { kafkaTopicRoute } from './index.tsx';
import './kafka.css';
import { KafkaProblem, Outdated } from './kafka-problem.tsx';
import { Messages } from './messages.tsx';
import { ProduceDialog } from './produce-dialog.tsx';
import { Configuration, Consumers, Partitions } from './topic-tabs.tsx';

const EVERY_MS = 2000;

/** One topic: its messages, its partitions, who reads it, how it is set up. */
export function TopicView() {
  const { topic } = kafkaTopicRoute.useParams();
  const call = useCall('kafka.topic', { topic }, { everyMs: EVERY_MS, keepPrevious: false });
  const retry = (): void => void call.refetch();
  if (call.data)
    return (
      <TopicPage
        topic={call.data}
        atMs={call.dataUpdatedAt}
        problem={<Outdated error={call.error} onRetry={retry} />}
      />
    );
  if (call.error) return <KafkaProblem error={call.error} onRetry={retry} />;
  return <Loading what={`Asking the broker about ${topic}`} />;
}

function TopicPage({ topic, atMs, problem }: { topic: KafkaTopicDetail; atMs: number; problem: ReactNode }) {
  const { view = 'messages' } = kafkaTopicRoute.useSearch();
  const navigate = useNavigate();
  const [producing, setProducing] = useState(false);
  const rates = recordHistory(`rate ${topic.name}`, topic.ratePerSecond, atMs);
  const show = (change: Record<string, string | undefined>, replace: boolean): void =>
    void navigate({ to: '.', search: (before: Record<string, unknown>) => ({ ...before, ...change }), replace });
  return (
    <div className="kafka kafka-page">
      <header className="kafka-head">
        <div className="kafka-head-text">
          <Link to="/kafka" search={keepShared} className="kafka-back">
            <Icon name="arrow-left" /> Topics
          </Link>
          <h1>
            <span className="truncate">{topic.name}</span>
            <span className="kafka-facts">
              {plural(topic.partitions, 'partition')} · {plural(topic.messages, 'message')}
              {topic.bytes !== null && ` · ${formatBytes(topic.bytes)}`}
              {topic.ratePerSecond !== null && ` · ${formatRate(topic.ratePerSecond)}`}
            </span>
            {rates.length > 1 && <Sparkline values={rates} height={20} label="Rate since the page was opened" />}
          </h1>
          {topic.description && <p className="muted truncate">{topic.description}</p>}
        </div>
        <Button look="primary" icon="send" onClick={() => setProducing(true)}>
          Produce
        </Button>
      </header>
      {problem}
      <Tabs
        label="Topic"
        value={view}
        onChange={(next) => show({ view: next === 'messages' ? undefined : next }, true)}
        tabs={[
          { value: 'messages', label: 'Messages', content: <Messages topic={topic} /> },
          { value: 'partitions', label: 'Partitions', content: <Partitions topic={topic} /> },
          { value: 'consumers', label: 'Consumers', content: <Consumers topic={topic} /> },
          { value: 'configuration', label: 'Configuration', content: <Configuration topic={topic} /> },
        ]}
      />
      <ProduceDialog
        topic={topic}
        open={producing}
        onClose={() => setProducing(false)}
        onWritten={({ partition, offset }) =>
          show(
            {
              view: undefined,
              at: `o${offset}`,
              partition: String(partition),
              key: undefined,
              text: undefined,
              live: undefined,
              message: `${partition}@${offset}`,
            },
            false,
          )
        }
      />
      <span className="visually-hidden" role="status">
        {formatCount(topic.messages)} messages in {topic.name}
      </span>
    </div>
  );
}
