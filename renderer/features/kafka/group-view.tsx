import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { KafkaGroupDetail } from '../../../main/contract/index.ts';
import { useCall } from '../../app/use-call.ts';
import { keepShared } from '../../app/use-console-search.ts';
import { EmptyState, formatCount, Icon, Loading, MetricCard, Sparkline, StateLabel } from '../../ui/index.ts';
import { groupTone, stateWord } from './group-state.ts';
import { recordHistory } from './history.ts';
import { kafkaGroupRoute } from './index.tsx';
import './kafka.css';
import { KafkaProblem, Outdated } from './kafka-problem.tsx';
import { OffsetTable } from './topic-tabs.tsx';

/** One consumer group: its members, what each has, and how far behind it is. */
export function GroupView() {
  const { group } = kafkaGroupRoute.useParams();
  const call = useCall('kafka.group', { group }, { everyMs: 2000, keepPrevious: false });
  const retry = (): void => void call.refetch();
  if (call.data)
    return (
      <GroupPage
        group={call.data}
        atMs={call.dataUpdatedAt}
        problem={<Outdated error={call.error} onRetry={retry} />}
      />
    );
  if (call.error) return <KafkaProblem error={call.error} onRetry={retry} />;
  return <Loading what={`Asking the broker about ${group}`} />;
}

function GroupPage({ group, atMs, problem }: { group: KafkaGroupDetail; atMs: number; problem: ReactNode }) {
  const lags = recordHistory(`lag ${group.id}`, group.lag, atMs);
  return (
    <div className="kafka kafka-page">
      <header className="kafka-head">
        <div className="kafka-head-text">
          <Link to="/kafka/groups" search={keepShared} className="kafka-back">
            <Icon name="arrow-left" /> Consumer groups
          </Link>
          <h1>
            <span className="truncate">{group.id}</span>
            <span className="kafka-facts">
              <StateLabel tone={groupTone(group)} word={stateWord(group.state)} />
            </span>
          </h1>
        </div>
      </header>
      {problem}
      <div className="kafka-body kafka-scroll">
        <div className="kafka-cards">
          <MetricCard name="Lag" value={formatCount(group.lag)} unit="messages">
            {lags.length > 1 && <Sparkline values={lags} height={22} label="Lag since the page was opened" />}
          </MetricCard>
          <MetricCard name="Members" value={String(group.memberList.length)} />
          <MetricCard
            name="Partitions"
            value={String(group.offsets.length)}
            unit={group.protocol ? `shared out by ${group.protocol}` : ''}
          />
        </div>
        <section className="kafka-section">
          <h2>Members</h2>
          <Members group={group} />
        </section>
        <section className="kafka-section">
          <h2>Offsets</h2>
          {group.offsets.length === 0 ? (
            <p className="faint">It has committed nothing yet.</p>
          ) : (
            <OffsetTable offsets={group.offsets} members={group.memberList} withTopic />
          )}
        </section>
      </div>
    </div>
  );
}

function Members({ group }: { group: KafkaGroupDetail }) {
  if (group.memberList.length === 0) {
    return (
      <EmptyState
        icon="services"
        title="Nobody reads for this group now"
        text={
          group.lag > 0
            ? 'Its lag grows with each message until a member joins. See whether its service runs.'
            : 'Its offsets are kept; a member that joins goes on from there.'
        }
      >
        <Link className="button" to="/services" search={keepShared}>
          See the services
        </Link>
      </EmptyState>
    );
  }
  return (
    <ul className="kafka-members">
      {group.memberList.map((member) => (
        <li key={member.memberId}>
          <b>{member.clientId}</b> <span className="muted">{member.host}</span>
          <code className="mono faint truncate" title={member.memberId}>
            {member.memberId}
          </code>
          <p>
            {member.assignments.length === 0 && <span className="faint">has no partition</span>}
            {member.assignments.map((one) => (
              <span key={one.topic} className="kafka-assignment">
                <Link to="/kafka/topics/$topic" params={{ topic: one.topic }} search={keepShared}>
                  {one.topic}
                </Link>{' '}
                {one.partitions.map((partition) => (
                  <span key={partition} className="kafka-partition">
                    {partition}
                  </span>
                ))}
              </span>
            ))}
          </p>
        </li>
      ))}
    </ul>
  );
}
