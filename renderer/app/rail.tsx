import { Link } from '@tanstack/react-router';
import { Icon, IconButton, KeyHint, Menu, plural, Tooltip } from '../ui/index.ts';
import { openSheet } from './command-layer.tsx';
import { useCalmServices } from './engine-context.tsx';
import './rail.css';
import { serviceStatus } from './service-status.ts';
import { setTheme, THEMES, useTheme } from './theme.ts';
import { useFaults } from './use-chaos.ts';
import { keepShared } from './use-console-search.ts';
import { VIEWS, type View } from './views.ts';

function labelOf(view: View, broken: number, injected: number): string {
  if (view.path === '/services' && broken > 0) return `${view.name}, ${broken} not healthy`;
  return view.path === '/chaos' && injected > 0 ? `${view.name}, ${plural(injected, 'fault')} on` : view.name;
}

/** The way between views, at the left edge. */
export function Rail() {
  const theme = useTheme();
  const injected = useFaults().length;
  const broken = useCalmServices().filter((service) => serviceStatus(service).tone === 'error').length;
  return (
    <nav className="rail" aria-label="Views">
      <svg className="rail-logo" viewBox="0 0 32 32" role="img" aria-label="Flotilla">
        <path d="M5 21h22l-3.2 5.2a2 2 0 0 1-1.7.9H9.9a2 2 0 0 1-1.7-.9z" fill="var(--accent)" />
        <path d="M15 5v13H6.5z" fill="var(--fg)" />
        <path d="M17.5 9v9h6.6z" fill="var(--fg-muted)" />
      </svg>
      {VIEWS.map((view) => (
        <Tooltip
          key={view.path}
          side="right"
          text={
            <span className="rail-tip">
              {view.name} <KeyHint keys={view.keys} />
            </span>
          }
        >
          <Link
            to={view.path}
            search={keepShared}
            className="rail-link"
            activeProps={{ className: 'rail-link-active', 'aria-current': 'page' }}
            activeOptions={{ includeSearch: false }}
            aria-label={labelOf(view, broken, injected)}
          >
            <Icon name={view.icon} />
            {view.path === '/services' && broken > 0 && (
              <span className="rail-count" aria-hidden="true">
                {broken}
              </span>
            )}
            {view.path === '/chaos' && injected > 0 && (
              <span className="rail-count rail-count-fault" aria-hidden="true">
                {injected}
              </span>
            )}
          </Link>
        </Tooltip>
      ))}
      <span className="rail-space" />
      <Menu
        align="start"
        trigger={<IconButton icon="theme" label="Theme" className="rail-button" />}
        groups={[
          THEMES.map((one) => ({
            label: one.label,
            ...(one.value === theme ? { icon: 'check' as const } : { icon: 'theme' as const }),
            onSelect: () => setTheme(one.value),
          })),
        ]}
      />
      <IconButton icon="keyboard" label="Keyboard shortcuts (?)" className="rail-button" onClick={openSheet} />
    </nav>
  );
}
