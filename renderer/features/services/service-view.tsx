import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import type { ServiceView as Service } from '../../../main/contract/index.ts';
import { useIsKnown, useService, useServices } from '../../app/engine-context.tsx';
import { useUsage } from '../../app/stats-history.ts';
import { keepShared, useTimeRange } from '../../app/use-console-search.ts';
import { quoteWord } from '../../app/use-log-tail.ts';
import { statusThen, thenAndNow, usePastStates } from '../../app/use-past-states.ts';
import {
  bytesParts,
  EmptyState,
  formatCpu,
  Icon,
  Loading,
  MetricCard,
  Since,
  Sparkline,
  StateShape,
  Tabs,
  UNKNOWN,
} from '../../ui/index.ts';
import { useTopology } from '../topology/index.tsx';
import { serviceRoute } from './index.tsx';
import {
  Endpoints,
  Environment,
  Instances,
  LogPanel,
  Neighbours,
  RedCards,
  ServiceButtons,
  ServiceChart,
  TraceRows,
  Why,
} from './sections.ts';
import './services.css';

// Charts and what only containers have are loaded when they are looked at.
const Usage = lazy(async () => ({ default: (await import('./runtime/usage.tsx')).Usage }));
const Files = lazy(async () => ({ default: (await import('./runtime/files.tsx')).Files }));
const Inspect = lazy(async () => ({ default: (await import('./runtime/inspect.tsx')).Inspect }));

function Later({ what, children }: { what: string; children: ReactNode }) {
  return (
    <div className="service-body">
      <Suspense fallback={<Loading what={what} />}>{children}</Suspense>
    </div>
  );
}

/** One service: overview, logs, traces, environment, and what can be done to it. */
export function ServiceView() {
  const { serviceId } = serviceRoute.useParams();
  const known = useIsKnown();
  const service = useService(serviceId);
  const services = useServices();
  if (!known) return <Loading what={`Looking up ${serviceId}`} />;
  if (!service) {
    return (
      <EmptyState
        icon="services"
        title={`There is no service called ${serviceId}`}
        text={
          services.length > 0 ? `The fleet has: ${services.map((one) => one.id).join(', ')}.` : 'No fleet is started.'
        }
      >
        <Link className="button" to="/services" search={keepShared}>
          All services
        </Link>
      </EmptyState>
    );
  }
  return <ServicePage service={service} />;
}

function ServicePage({ service }: { service: Service }) {
  const { view = 'overview', path } = serviceRoute.useSearch();
  const navigate = useNavigate();
  const past = usePastStates();
  const status = statusThen(service, past);
  return (
    <div className="service-page">
      <header className="service-head">
        <div>
          <Link to="/services" search={keepShared} className="service-back">
            <Icon name="arrow-left" /> Services
          </Link>
          <h1>
            <StateShape tone={status.tone} size={13} label={status.word} />
            {service.id}
            <span className="service-word">
              {past ? thenAndNow(service, status.word) : status.word}
              {!past && service.startedAt && service.state === 'running' && (
                <>
                  {' · up '}
                  <Since time={service.startedAt} />
                </>
              )}
            </span>
          </h1>
          <p className="muted">{service.description}</p>
        </div>
        <ServiceButtons service={service} />
      </header>
      <Tabs
        label="Service"
        value={view}
        onChange={(next) =>
          void navigate({
            to: '.',
            search: (before: Record<string, unknown>) => ({ ...before, view: next === 'overview' ? undefined : next }),
            replace: true,
          })
        }
        tabs={[
          { value: 'overview', label: 'Overview', content: <Overview service={service} /> },
          {
            value: 'logs',
            label: 'Logs',
            content: (
              <div className="service-body">
                <LogPanel service={service.id} keep={500} title="Last 500 lines" />
              </div>
            ),
          },
          {
            value: 'traces',
            label: 'Traces',
            content: (
              <div className="service-body">
                <TraceRows query={`service:${quoteWord(service.id)}`} limit={100} />
              </div>
            ),
          },
          {
            value: 'environment',
            label: 'Environment',
            content: (
              <div className="service-body service-body-narrow">
                <Environment service={service.id} />
              </div>
            ),
          },
          {
            value: 'usage',
            label: 'Usage',
            content: (
              <Later what="Loading the charts">
                <Usage service={service} />
              </Later>
            ),
          },
          {
            value: 'files',
            label: 'Files',
            content: (
              <Later what="Loading the files">
                <Files
                  service={service}
                  path={path}
                  onPath={(next) =>
                    void navigate({ to: '.', search: (before: Record<string, unknown>) => ({ ...before, path: next }) })
                  }
                />
              </Later>
            ),
          },
          {
            value: 'inspect',
            label: 'Inspect',
            content: (
              <Later what="Loading the inspection">
                <Inspect service={service} />
              </Later>
            ),
          },
        ]}
      />
    </div>
  );
}

function Overview({ service }: { service: Service }) {
  const { data: topology } = useTopology();
  const { isLive } = useTimeRange();
  const usage = useUsage(service.id);
  const node = topology?.nodes.find((one) => (one.id as string) === (service.id as string));
  // What was used then stands under Usage; the present does not pass for it.
  const now = isLive ? service : null;
  const memory = bytesParts(now?.memoryBytes ?? null);
  return (
    <div className="service-body service-columns">
      <div>
        {isLive && <Why service={service} />}
        <RedCards red={node?.red ?? null} />
        <ServiceChart service={service.id} height={72} />
        <LogPanel service={service.id} keep={14} />
      </div>
      <div>
        <div className="red-cards">
          <MetricCard
            name="CPU of one core"
            value={formatCpu(now?.cpuPercent ?? null).replace(' %', '')}
            unit={now ? '%' : ''}
          >
            <Sparkline values={usage.cpuPercent} height={22} label="CPU since the page was opened" />
          </MetricCard>
          <MetricCard name="Memory" value={memory.value} unit={memory.unit}>
            <Sparkline
              values={usage.memoryBytes}
              height={22}
              tone="idle"
              floor={Math.min(...usage.memoryBytes) * 0.9}
              label="Memory since the page was opened"
            />
          </MetricCard>
          <MetricCard
            name="Restarts"
            value={now ? String(now.restarts) : UNKNOWN}
            {...(now && now.exitCode !== null ? { unit: `last exit ${now.exitCode}` } : {})}
          />
        </div>
        {topology && <Neighbours topology={topology} nodeId={service.id} />}
        <Endpoints endpoints={service.endpoints} />
        <Instances instances={service.instances} />
        {service.dependsOn.length > 0 && <DependsOn service={service} />}
      </div>
    </div>
  );
}

function DependsOn({ service }: { service: Service }) {
  return (
    <section className="section">
      <h3>Starts after</h3>
      <p className="service-depends">
        {service.dependsOn.map((id) => (
          <Link key={id} to="/services/$serviceId" params={{ serviceId: id }} search={keepShared}>
            {id}
          </Link>
        ))}
      </p>
    </section>
  );
}
