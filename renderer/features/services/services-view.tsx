import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { FaultView, Red, ServiceView } from '../../../main/contract/index.ts';
import { useFleet, useIsKnown } from '../../app/engine-context.tsx';
import { faultText, flagText, leftText, targetText } from '../../app/faults.ts';
import { portOf } from '../../app/port-of.ts';
import { type Status, serviceStatus, waitSentence } from '../../app/service-status.ts';
import { useUsage } from '../../app/stats-history.ts';
import { useCall } from '../../app/use-call.ts';
import { useFaultKinds, useFaults } from '../../app/use-chaos.ts';
import { useSelection, useTimeRange, withoutSelection } from '../../app/use-console-search.ts';
import { statusThen, thenAndNow, usePastStates } from '../../app/use-past-states.ts';
import { useServiceActions } from '../../app/use-service-actions.tsx';
import {
  type Column,
  CopyButton,
  cx,
  FaultFlag,
  formatBytes,
  formatCpu,
  formatDuration,
  formatPercent,
  formatRate,
  IconButton,
  Loading,
  Menu,
  numberColumn,
  type Sort,
  Sparkline,
  StateLabel,
  Table,
  UNKNOWN,
  useNow,
} from '../../ui/index.ts';
import { ImageList, StartView } from '../start/index.tsx';
import { useTerminalItem } from '../terminal/index.tsx';
import './services.css';

interface Row {
  readonly service: ServiceView;
  readonly red: Red | null;
  /** As it was, while a stretch of the past is looked at; null while live. */
  readonly past: Status | null;
}

/** Every service of the fleet with its state, its use of the machine, and how it serves. */
export function ServicesView() {
  const known = useIsKnown();
  const fleet = useFleet();
  if (!known) return <Loading what="Asking the engine what runs" />;
  if (!fleet || (fleet.state === 'stopped' && fleet.services.length === 0)) return <StartView fleet={fleet} />;
  return (
    <div className="services">
      {fleet.state !== 'stopped' && <ImageList images={fleet.images} />}
      <ServicesTable services={fleet.services} />
    </div>
  );
}

function ServicesTable({ services }: { services: readonly ServiceView[] }) {
  const { rateRange, isLive } = useTimeRange();
  const { data: reds } = useCall('telemetry.services', { range: rateRange }, { live: isLive });
  const { selection, select } = useSelection();
  const [sort, setSort] = useState<Sort>({ key: 'service', descending: false });
  const navigate = useNavigate();
  const actions = useServiceActions();
  const terminalItem = useTerminalItem();
  const redOf = new Map<string, Red>(reds?.map((red) => [red.service, red]));
  const states = usePastStates();
  const rows = services.map(
    (service): Row => ({
      service,
      red: redOf.get(service.id) ?? null,
      past: states && statusThen(service, states),
    }),
  );
  return (
    <>
      <Table<Row>
        label="Services"
        columns={[...COLUMNS, actionColumn(actions, terminalItem)]}
        rows={rows}
        rowKey={(row) => row.service.id}
        rowLabel={(row) => `${row.service.id}, ${statusOf(row).word}`}
        sort={sort}
        onSort={setSort}
        selectedKey={selection?.kind === 'node' ? selection.id : null}
        onSelect={(row) => select({ kind: 'node', id: row.service.id })}
        onOpen={(row) =>
          void navigate({ to: '/services/$serviceId', params: { serviceId: row.service.id }, search: withoutSelection })
        }
      />
      {actions.confirm}
    </>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  {
    key: 'service',
    title: 'Service',
    sortBy: (row) => row.service.id,
    cell: ({ service }) => (
      <div className="services-name">
        <b>{service.id}</b>
        <FaultsOn service={service.id} />
        <span className="faint truncate">{service.description}</span>
      </div>
    ),
    className: 'services-cell-name',
  },
  {
    key: 'state',
    title: 'State',
    sortBy: (row) => statusOf(row).word,
    cell: (row) => <State row={row} />,
    width: 148,
  },
  numberColumn('rate', 'Rate', 74, (row) => row.red?.ratePerSecond ?? null, formatRate),
  {
    key: 'errors',
    title: 'Errors',
    align: 'right',
    width: 66,
    sortBy: (row) => row.red?.errorRate ?? null,
    cell: ({ red }) => (
      <span
        className={cx(
          red && red.errorRate >= 0.05 && 'tone-error',
          red && red.errorRate >= 0.01 && red.errorRate < 0.05 && 'tone-warn',
        )}
      >
        {red ? formatPercent(red.errorRate) : UNKNOWN}
      </span>
    ),
  },
  numberColumn('p95', 'p95', 76, (row) => row.red?.p95Ms ?? null, formatDuration),
  numberColumn('cpu', 'CPU', 64, (row) => (row.past ? null : row.service.cpuPercent), formatCpu),
  {
    key: 'memory',
    title: 'Memory',
    align: 'right',
    width: 136,
    sortBy: (row) => (row.past ? null : row.service.memoryBytes),
    cell: ({ service, past }) => (past ? UNKNOWN : <Memory service={service} />),
  },
  {
    ...numberColumn<Row>('restarts', 'Restarts', 74, (row) => (row.past ? null : row.service.restarts)),
    className: 'services-cell-restarts',
  },
  {
    key: 'endpoint',
    title: 'Endpoint',
    width: 152,
    cell: ({ service }) => <FirstEndpoint service={service} />,
    className: 'services-cell-endpoint',
  },
];

function actionColumn(
  actions: ReturnType<typeof useServiceActions>,
  terminalItem: ReturnType<typeof useTerminalItem>,
): Column<Row> {
  return {
    key: 'actions',
    title: '',
    width: 52,
    className: 'services-cell-actions',
    align: 'right',
    cell: ({ service }) => (
      // biome-ignore lint/a11y/noStaticElementInteractions: keeps clicks on the menu from selecting the row
      // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the button inside
      <span onClick={(event) => event.stopPropagation()} onDoubleClick={(event) => event.stopPropagation()}>
        <Menu
          trigger={<IconButton icon="more" label={`Actions on ${service.id}`} />}
          groups={[[terminalItem(service)], actions.menuItems(service)]}
        />
      </span>
    ),
  };
}

const statusOf = ({ service, past }: Row): Status => past ?? serviceStatus(service);

function State({ row }: { row: Row }) {
  const now = useNow();
  const { service, past } = row;
  if (past) {
    return (
      <span title={thenAndNow(service, past.word)} className="services-state truncate">
        <StateLabel tone={past.tone} word={past.word} />
      </span>
    );
  }
  const { tone, word } = serviceStatus(service);
  const wait = waitSentence(service, now);
  const more = service.reason ?? wait;
  return (
    <span title={more ?? undefined} className="services-state truncate">
      <StateLabel tone={tone} word={wait && service.state === 'waiting' ? wait : word} />
    </span>
  );
}

/** What is injected: on the service itself, and in the way of its calls. */
function FaultsOn({ service }: { service: string }) {
  const all = useFaults();
  const { isLive } = useTimeRange();
  const faults = all.filter(({ target }) =>
    target.kind === 'service' ? target.service === service : target.from === service || target.to === service,
  );
  return isLive && faults.length > 0 ? <FaultChip faults={faults} /> : null;
}

function FaultChip({ faults }: { faults: readonly FaultView[] }) {
  const now = useNow();
  const kinds = useFaultKinds();
  const text = faults.map(
    (fault) => `${faultText(fault, kinds)} on ${targetText(fault.target)}, ${leftText(fault, now)}`,
  );
  return <FaultFlag text={flagText(faults, kinds, now) ?? ''} title={text.join('\n')} />;
}

function Memory({ service }: { service: ServiceView }) {
  const { memoryBytes } = useUsage(service.id);
  return (
    <span className="services-memory">
      {memoryBytes.length > 1 && (
        <Sparkline
          values={memoryBytes}
          width={52}
          height={16}
          tone="idle"
          floor={Math.min(...memoryBytes) * 0.9}
          label={`Memory of ${service.id} since the page was opened`}
        />
      )}
      <span className="services-bytes">{formatBytes(service.memoryBytes)}</span>
    </span>
  );
}

function FirstEndpoint({ service }: { service: ServiceView }) {
  const [first, ...more] = service.endpoints;
  if (!first) return <span className="faint">{UNKNOWN}</span>;
  return (
    <span className="services-endpoint" title={service.endpoints.map((one) => `${one.name} ${one.url}`).join('\n')}>
      <span className="mono truncate">
        {first.protocol} :{portOf(first)}
      </span>
      {more.length > 0 && <span className="faint">+{more.length}</span>}
      <CopyButton text={first.url} what="address" />
    </span>
  );
}
