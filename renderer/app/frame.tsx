import { Outlet } from '@tanstack/react-router';
import { Drawer } from '../features/drawer/index.tsx';
import { TimelineStrip } from '../features/timeline/index.tsx';
import { ToastList } from '../ui/toast-list.tsx';
import { ConnectionBanner, ProblemBanner } from './banners.tsx';
import { CommandLayer } from './command-layer.tsx';
import { useConnection } from './engine-context.tsx';
import './frame.css';
import { cx } from '../ui/class-names.ts';
import { Rail } from './rail.tsx';
import { useCollectUsage } from './stats-history.ts';
import { BlockedBanner } from './stop-all.tsx';
import { TopBar } from './top-bar.tsx';
import { useSelection } from './use-console-search.ts';
import { useLiveQueries } from './use-pulse.ts';

/** What stands around every view: rail, top bar, drawer, timeline. */
export function Frame() {
  useLiveQueries();
  useCollectUsage();
  const { selection } = useSelection();
  const { state } = useConnection();
  const away = state === 'reconnecting' || state === 'closed';
  return (
    <div className={cx('frame', selection && 'frame-with-drawer', away && 'frame-away')}>
      <a className="skip-link" href="#view">
        Skip to the view
      </a>
      <Rail />
      <TopBar />
      <div className="frame-banners">
        <ConnectionBanner />
        <ProblemBanner />
        <BlockedBanner />
      </div>
      <main className="frame-view" id="view" tabIndex={-1}>
        <Outlet />
      </main>
      {selection && <Drawer selection={selection} />}
      <TimelineStrip />
      <CommandLayer />
      <ToastList />
    </div>
  );
}
