import type { ReactNode } from 'react';
import './metric-card.css';
import { cx } from './class-names.ts';

/** One number with its name and unit. */
export function MetricCard({
  name,
  value,
  unit,
  tone,
  children,
}: {
  name: string;
  value: string;
  unit?: string;
  tone?: 'error' | 'warn';
  children?: ReactNode;
}) {
  return (
    <div className="metric-card">
      <div className="metric-card-name">{name}</div>
      <div className={cx('metric-card-value', tone && `tone-${tone}`)}>
        {value}
        {unit && <small> {unit}</small>}
      </div>
      {children}
    </div>
  );
}
