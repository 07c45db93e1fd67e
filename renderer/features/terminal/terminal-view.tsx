import { useNavigate } from '@tanstack/react-router';
import { useEffect, useSyncExternalStore } from 'react';
import type { ServiceId, ServiceView } from '../../../main/contract/index.ts';
import { useClient, useFleet, useIsKnown, useServices } from '../../app/engine-context.tsx';
import { serviceStatus } from '../../app/service-status.ts';
import { useTheme } from '../../app/theme.ts';
import { Button, cx, EmptyState, IconButton, Loading, Menu, StateShape } from '../../ui/index.ts';
import { terminalRefusal, terminalRoute } from './index.tsx';
import { TerminalPane } from './terminal-pane.tsx';
import { isKept } from './terminal-session.ts';
import { type OpenTerminal, terminals } from './terminal-store.ts';
import './terminal.css';

/** Shells in the environments of services: one for a service, side by side as tabs. */
export function TerminalView() {
  const known = useIsKnown();
  const fleet = useFleet();
  const services = useServices();
  const open = useSyncExternalStore(terminals.subscribe, terminals.get);
  const { service: wanted } = terminalRoute.useSearch();
  const show = useShow();
  const client = useClient();
  const refusal = terminalRefusal(fleet);
  const serviceIds = services.map((one) => one.id).join('\n');
  useFollowTheme();

  useEffect(() => {
    if (refusal !== null) return;
    for (const id of serviceIds.split('\n').filter(Boolean)) {
      if (id === wanted || isKept(id)) terminals.ensure(client, id as ServiceId);
    }
  }, [client, serviceIds, wanted, refusal]);

  if (!known) return <Loading what="Asking the engine what runs" />;
  const shown = open.find((one) => one.session.service === wanted) ?? (wanted ? undefined : open[0]);
  if (refusal !== null && open.length === 0) {
    return <EmptyState icon="terminal" title="This runtime has no terminals" text={refusal} />;
  }
  return (
    <div className="terminal">
      <header className="view-tools">
        {open.length > 0 && <OpenList open={open} shown={shown} onShow={show} />}
        {services.length > 0 && open.length > 0 && (
          <Menu
            align="start"
            trigger={
              <Button look="quiet" icon="plus">
                Open
              </Button>
            }
            groups={[services.map((service) => ({ label: service.id, onSelect: () => show(service.id) }))]}
          />
        )}
        <span className="view-count">
          {open.length === 0 ? '' : 'Escape goes to the shell; Ctrl+Shift+X leaves it'}
        </span>
      </header>
      {shown ? (
        <TerminalPane key={shown.session.service} open={shown} onClose={() => close(shown, open, show)} />
      ) : (
        <Nothing services={services} wanted={wanted} onOpen={show} />
      )}
    </div>
  );
}

function useShow(): (service: string | undefined) => void {
  const navigate = useNavigate();
  return (service) =>
    void navigate({
      to: '/terminal',
      search: (before) => ({ ...before, service: service || undefined }),
      replace: true,
    });
}

function close(shown: OpenTerminal, open: readonly OpenTerminal[], show: (service: string | undefined) => void): void {
  const next = open.find((one) => one !== shown);
  terminals.close(shown.session);
  show(next?.session.service);
}

/** Gives the screens the colours of the page, also when the system changes between light and dark. */
function useFollowTheme(): void {
  const theme = useTheme();
  useEffect(() => {
    const restyle = (): void => terminals.restyle();
    const watcher = new MutationObserver(restyle);
    watcher.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    if (theme) restyle();
    return () => watcher.disconnect();
  }, [theme]);
}

const SHAPES = {
  opening: { tone: 'busy', word: 'opening' },
  open: { tone: 'ok', word: 'open' },
  ended: { tone: 'idle', word: 'ended' },
  failed: { tone: 'error', word: 'failed' },
} as const;

function OpenList({
  open,
  shown,
  onShow,
}: {
  open: readonly OpenTerminal[];
  shown: OpenTerminal | undefined;
  onShow: (service: string) => void;
}) {
  return (
    <ul className="terminal-list" aria-label="Terminals">
      {open.map(({ session, state }) => (
        <li key={session.service} className={cx('terminal-tab', session === shown?.session && 'terminal-tab-shown')}>
          <button
            type="button"
            aria-current={session === shown?.session}
            onClick={() => onShow(session.service)}
            title={`Terminal in ${session.service}`}
          >
            <StateShape tone={SHAPES[state.kind].tone} label={SHAPES[state.kind].word} size={10} />
            {session.service}
          </button>
          <IconButton
            icon="close"
            label={`Close the terminal in ${session.service}`}
            onClick={() => {
              terminals.close(session);
              if (session === shown?.session) onShow('');
            }}
          />
        </li>
      ))}
    </ul>
  );
}

function Nothing({
  services,
  wanted,
  onOpen,
}: {
  services: readonly ServiceView[];
  wanted: string | undefined;
  onOpen: (service: string) => void;
}) {
  const unknown = wanted !== undefined && !services.some((one) => one.id === wanted);
  if (services.length === 0) {
    return (
      <EmptyState icon="terminal" title="No fleet runs" text="Start one, then open a shell in one of its services." />
    );
  }
  if (wanted !== undefined && !unknown) return <Loading what={`Opening a shell in ${wanted}`} />;
  return (
    <EmptyState
      icon="terminal"
      title={unknown ? `There is no service called ${wanted}` : 'No terminal is open'}
      text="A terminal is a shell with the environment of a service: its variables, its folder, its network. Open one in:"
    >
      {services.map((service) => (
        <Button key={service.id} onClick={() => onOpen(service.id)}>
          <StateShape tone={serviceStatus(service).tone} label={serviceStatus(service).word} size={10} />
          {service.id}
        </Button>
      ))}
    </EmptyState>
  );
}
