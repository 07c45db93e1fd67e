import type { ReactNode } from 'react';
import './empty-state.css';
import { Icon, type IconName } from './icon.tsx';

/** Says that there is nothing, why, and what to do next. */
export function EmptyState({
  icon,
  title,
  text,
  children,
}: {
  icon?: IconName;
  title: string;
  text?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="empty-state">
      {icon && <Icon name={icon} />}
      <h2>{title}</h2>
      {text && <p>{text}</p>}
      {children && <div className="empty-state-actions">{children}</div>}
    </div>
  );
}

/** Something is on its way, and what. */
export function Loading({ what }: { what: string }) {
  return (
    <div className="loading" role="status" aria-busy="true">
      <span className="loading-bar" aria-hidden="true" />
      {what}
    </div>
  );
}
