import { CartesianGrid, Line, LineChart, ReferenceArea, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { formatDuration, formatPercent, formatRate } from '../../ui/index.ts';

interface Point {
  /** Since the run's start. */
  readonly second: number;
  readonly rate: number;
  readonly errorRate: number | null;
  readonly p95Ms: number | null;
}

export interface Series {
  readonly name: string;
  readonly color: string;
  readonly isThick?: boolean;
  readonly isDashed?: boolean;
  readonly points: readonly Point[];
}

/** A fault's time, in seconds since the run's start. */
export interface Band {
  readonly id: string;
  readonly from: number;
  readonly to: number | null;
}

export interface MeasureOf {
  readonly key: 'rate' | 'errorRate' | 'p95Ms';
  readonly title: string;
  readonly format: (value: number) => string;
  /** What there cannot be more of. */
  readonly most?: number;
}

export const MEASURES: readonly MeasureOf[] = [
  { key: 'rate', title: 'Requests/s', format: formatRate },
  { key: 'errorRate', title: 'Errors', format: formatPercent, most: 1 },
  { key: 'p95Ms', title: 'p95', format: formatDuration },
];

const HEIGHT = 150;
const TICK = { fill: 'var(--fg-muted)', fontSize: 10 };

/** `+12 s`, `-15 s` */
const formatSecond = (second: number): string => `${second > 0 ? '+' : ''}${Math.round(second)} s`;

/** One measure over the seconds of a run, a line for each series, violet where a fault was on. */
export function TimeChart({
  measure,
  series,
  bands,
}: {
  measure: MeasureOf;
  series: readonly Series[];
  bands: readonly Band[];
}) {
  const seconds = series.flatMap((one) => [one.points[0]?.second ?? 0, one.points.at(-1)?.second ?? 0]);
  const from = Math.min(0, ...seconds);
  const to = Math.max(1, ...seconds);
  const worst = Math.max(0, ...series.flatMap((one) => one.points.map((point) => point[measure.key] ?? 0)));
  return (
    <figure className="time-chart" aria-label={`${measure.title} over the run, ${measure.format(worst)} at most`}>
      <figcaption>
        {measure.title}
        <span className="faint">at most {measure.format(worst)}</span>
      </figcaption>
      <ResponsiveContainer width="100%" height={HEIGHT}>
        <LineChart margin={{ top: 4, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--border)" vertical={false} />
          <XAxis
            dataKey="second"
            type="number"
            domain={[from, to]}
            allowDataOverflow
            tickCount={5}
            tickFormatter={formatSecond}
            tick={TICK}
            stroke="var(--border)"
          />
          <YAxis
            width={56}
            domain={[0, measure.most !== undefined && worst > measure.most / 2 ? measure.most : 'auto']}
            tickCount={4}
            tickFormatter={measure.format}
            tick={TICK}
            stroke="none"
          />
          {bands.map((band) => (
            <ReferenceArea
              key={band.id}
              x1={Math.max(from, band.from)}
              x2={Math.min(to, band.to ?? to)}
              fill="var(--fault)"
              fillOpacity={0.14}
              stroke="var(--fault)"
              strokeOpacity={0.5}
            />
          ))}
          <Tooltip
            isAnimationActive={false}
            contentStyle={{ background: 'var(--raised)', border: '1px solid var(--border-strong)', fontSize: 12 }}
            labelFormatter={(second) => formatSecond(Number(second))}
            formatter={(value) => measure.format(Number(value))}
          />
          {series.map((one) => (
            <Line
              key={one.name}
              data={[...one.points]}
              dataKey={measure.key}
              name={one.name}
              stroke={one.color}
              strokeWidth={one.isThick ? 2.2 : 1.4}
              {...(one.isDashed ? { strokeDasharray: '5 3' } : {})}
              dot={false}
              isAnimationActive={false}
              connectNulls={false}
            />
          ))}
        </LineChart>
      </ResponsiveContainer>
    </figure>
  );
}
