import type { ReactNode } from 'react';
import { useSelection } from '../../app/use-console-search.ts';
import { IconButton } from '../../ui/index.ts';
import './drawer.css';

export function DrawerFrame({
  title,
  sub,
  actions,
  label,
  children,
}: {
  title: ReactNode;
  sub: ReactNode;
  actions?: ReactNode;
  label: string;
  children: ReactNode;
}) {
  const { select } = useSelection();
  return (
    <aside className="drawer" aria-label={`Details of ${label}`}>
      <header className="drawer-head">
        <div className="drawer-title">
          <h2>{title}</h2>
          {actions}
          <IconButton icon="close" label="Close (Esc)" onClick={() => select(null)} />
        </div>
        <p className="drawer-sub">{sub}</p>
      </header>
      {children}
    </aside>
  );
}
