import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { fixRange, type ServiceView, toErrorView } from '../../../../main/contract/index.ts';
import { useFleet } from '../../../app/engine-context.tsx';
import { useCall } from '../../../app/use-call.ts';
import { useTimeRange } from '../../../app/use-console-search.ts';
import { EmptyState, ErrorNote, formatTimeOfDay, Loading } from '../../../ui/index.ts';
import './runtime.css';
import { type UsageChart, type UsageLine, usageCharts, usageLines } from './usage-series.ts';

/** The engine measures every ten seconds; more points than these would show nothing more. */
const POINTS = 180;
const EVERY_MS = 5000;
const HEIGHT = 128;

/** What a service's instances used over the range of the console: CPU, memory, network, disk. */
export function Usage({ service }: { service: ServiceView }) {
  const fleet = useFleet();
  const stats = fleet?.capabilities.find((one) => one.name === 'stats');
  if (stats?.available === false)
    return <EmptyState icon="metrics" title="This runtime measures nothing" text={stats.reason} />;
  return (
    <div className="usage">
      {usageCharts(fleet?.runtime ?? 'process').map((chart) => (
        <Chart key={chart.title} chart={chart} service={service} />
      ))}
    </div>
  );
}

function Chart({ chart, service }: { chart: UsageChart; service: ServiceView }) {
  const { range, isLive } = useTimeRange();
  const { data, error, refetch, dataUpdatedAt } = useCall(
    'metrics.series',
    {
      range,
      name: chart.metric,
      service: service.id,
      labels: chart.labels,
      aggregate: chart.aggregate,
      points: POINTS,
    },
    isLive ? { everyMs: EVERY_MS } : {},
  );
  const lines = data ? usageLines(data, service.id, chart.scale) : null;
  const last = lines?.map((line) => line.points.at(-1)?.value ?? null).filter((value) => value !== null) ?? [];
  const limit =
    chart.title === 'Memory' ? service.instances.find((one) => one.memoryLimitBytes)?.memoryLimitBytes : null;
  return (
    <figure className="usage-chart" aria-label={labelOf(chart, service.id, last)}>
      <figcaption>
        <span>{chart.title}</span>
        {limit && <span className="muted">limit {chart.format(limit)}</span>}
        <b>{last.length === 1 ? chart.format(last[0] ?? 0) : ''}</b>
      </figcaption>
      {error && !data ? (
        <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />
      ) : !lines ? (
        <Loading what={`Reading ${chart.title.toLowerCase()}`} />
      ) : lines.length === 0 ? (
        <p className="faint usage-none">Not measured in this time.</p>
      ) : (
        <Lines lines={lines} chart={chart} range={fixRange(range, dataUpdatedAt)} />
      )}
    </figure>
  );
}

function labelOf(chart: UsageChart, service: string, last: readonly number[]): string {
  return `${chart.title} of ${service}${last.length > 0 ? `: ${last.map(chart.format).join(', ')} at the end` : ''}`;
}

const color = (index: number): string => `var(--series-${(index % 16) + 1})`;

function Lines({
  lines,
  chart,
  range,
}: {
  lines: readonly UsageLine[];
  chart: UsageChart;
  range: { fromMs: number; toMs: number };
}) {
  return (
    <>
      <ResponsiveContainer width="100%" height={HEIGHT}>
        <LineChart margin={{ top: 4, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--border)" vertical={false} />
          <XAxis
            dataKey="atMs"
            type="number"
            domain={[range.fromMs, range.toMs]}
            allowDataOverflow
            tickCount={5}
            tickFormatter={(at: number) => formatTimeOfDay(at).slice(0, 5)}
            tick={{ fill: 'var(--fg-muted)', fontSize: 10 }}
            stroke="var(--border)"
          />
          <YAxis
            width={74}
            domain={[0, 'auto']}
            tickCount={4}
            tickFormatter={chart.format}
            tick={{ fill: 'var(--fg-muted)', fontSize: 10 }}
            stroke="none"
          />
          <Tooltip
            isAnimationActive={false}
            contentStyle={{ background: 'var(--raised)', border: '1px solid var(--border-strong)', fontSize: 12 }}
            labelFormatter={(at) => formatTimeOfDay(Number(at))}
            formatter={(value) => chart.format(Number(value))}
          />
          {lines.map((line, index) => (
            <Line
              key={line.instance}
              data={line.points}
              dataKey="value"
              name={line.instance}
              stroke={color(index)}
              strokeWidth={1.6}
              dot={line.points.length === 1}
              isAnimationActive={false}
              connectNulls={false}
            />
          ))}
        </LineChart>
      </ResponsiveContainer>
      {lines.length > 1 && (
        <ul className="usage-key">
          {lines.map((line, index) => (
            <li key={line.instance}>
              <i style={{ background: color(index) }} />
              {line.instance} {chart.format(line.points.at(-1)?.value ?? 0)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
