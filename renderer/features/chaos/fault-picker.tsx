import { Command as Cmdk } from 'cmdk';
import type { FaultKind } from '../../../main/contract/index.ts';
import { Icon } from '../../ui/index.ts';
import { focusOn } from './focus-on.ts';
import { DEFAULT_LASTS, type Prepared } from './prepared-fault.ts';
import { presetsFor } from './presets.ts';

/** The faults that fit something, searchable: those that are reached for first, then every kind. */
export function FaultPicker({
  kinds,
  areRequests,
  whyNot,
  onPick,
}: {
  kinds: readonly FaultKind[];
  /** Whether the calls are known to be requests of HTTP or gRPC. */
  areRequests: boolean;
  /** Why a kind cannot be put on here; null where it can. */
  whyNot: (kind: FaultKind) => string | null;
  onPick: (prepared: Prepared) => void;
}) {
  const possible = kinds.filter((kind) => whyNot(kind) === null);
  return (
    // With Vim's bindings Ctrl+K would move the selection here, where the focus is, and not open the palette.
    <Cmdk label="Find a fault" className="fault-picker" loop vimBindings={false}>
      <Cmdk.Input ref={focusOn} className="fault-picker-input" placeholder="Find a fault: slow, refused, 503 …" />
      <Cmdk.List>
        <Cmdk.Empty className="fault-picker-empty">No fault is called that. Try “latency” or “refused”.</Cmdk.Empty>
        <Cmdk.Group heading="At hand">
          {presetsFor(possible, areRequests).map(({ text, prepared }) => (
            <Cmdk.Item
              key={text}
              value={text}
              keywords={wordsOf(possible, prepared.kind)}
              onSelect={() => onPick(prepared)}
            >
              <Icon name="chaos" />
              <span className="truncate">{text}</span>
            </Cmdk.Item>
          ))}
        </Cmdk.Group>
        <Cmdk.Group heading="All that fit">
          {kinds.map((kind) => {
            const reason = whyNot(kind);
            return (
              <Cmdk.Item
                key={kind.kind}
                value={kind.kind}
                keywords={wordsOf(kinds, kind.kind)}
                disabled={reason !== null}
                onSelect={() => onPick({ kind: kind.kind, values: {}, lasts: DEFAULT_LASTS })}
              >
                <span className="fault-picker-kind">
                  {kind.title}
                  <small>{reason ?? kind.description}</small>
                </span>
              </Cmdk.Item>
            );
          })}
        </Cmdk.Group>
      </Cmdk.List>
    </Cmdk>
  );
}

function wordsOf(kinds: readonly FaultKind[], name: string): string[] {
  const kind = kinds.find((one) => one.kind === name);
  return kind ? [kind.title, kind.kind, kind.description, ...(ALSO_CALLED[name] ?? [])] : [];
}

/** What people look for who do not know its name. */
const ALSO_CALLED: Readonly<Record<string, readonly string[]>> = {
  latency: ['slow', 'delay', 'lag'],
  'http-delay': ['slow', 'latency'],
  'http-abort': ['500', '503', 'status', 'error'],
  hang: ['timeout', 'black hole'],
  refuse: ['down', 'unreachable', 'ECONNREFUSED'],
  reset: ['ECONNRESET', 'drop'],
  bandwidth: ['slow', 'throttle'],
  kill: ['crash', 'SIGKILL'],
  pause: ['freeze', 'SIGSTOP'],
};
