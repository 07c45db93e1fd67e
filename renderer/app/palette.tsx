import { Command as Cmdk, defaultFilter } from 'cmdk';
import { Dialog as Radix } from 'radix-ui';
import { useRef } from 'react';
import { Icon, KeyHint, useReturnFocus } from '../ui/index.ts';
import './palette.css';
import type { Command } from './use-commands.ts';

const GROUPS = ['Go to', 'Services', 'Actions', 'Chaos', 'Console'] as const;

/** Below this what was typed is merely scattered over the name: `pay` would find `Open terminal in gateway`. */
const FAINT = 0.1;
/** Of what only its description has: below every name. */
const DESCRIBED = 0.05;

/** Names may be abbreviated; of descriptions, in which the letters of nearly everything occur, only what stands there counts. */
const filter = (_id: string, search: string, [name = '', words = '']: string[] = []): number => {
  const score = defaultFilter(name, search);
  if (score >= FAINT) return score;
  return words.toLowerCase().includes(search.trim().toLowerCase()) ? DESCRIBED : 0;
};

/** Everything that can be done, by name. */
export function Palette({
  open,
  onClose,
  commands,
}: {
  open: boolean;
  onClose: () => void;
  commands: readonly Command[];
}) {
  const chosen = useRef<Command | null>(null);
  const focus = useReturnFocus();
  /** A command may move the focus: it runs once that is back where it was. */
  const onClosed = (event: Event): void => {
    focus.onCloseAutoFocus(event);
    chosen.current?.run();
    chosen.current = null;
  };
  if (!open) return null;
  return (
    <Radix.Root open onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-overlay" />
        <Radix.Content
          className="dialog palette"
          aria-describedby={undefined}
          onOpenAutoFocus={focus.onOpenAutoFocus}
          onCloseAutoFocus={onClosed}
        >
          <Radix.Title className="visually-hidden">Command palette</Radix.Title>
          <Cmdk label="Command palette" filter={filter} loop>
            <Cmdk.Input className="palette-input" placeholder="Go to a view, open a service, do something …" />
            <Cmdk.List className="palette-list">
              <Cmdk.Empty className="palette-empty">
                Nothing is called that. Try a view, a service, or “restart”.
              </Cmdk.Empty>
              {GROUPS.map((group) => (
                <Cmdk.Group key={group} heading={group}>
                  {commands
                    .filter((command) => command.group === group && !command.keysOnly)
                    .map((command) => (
                      <Cmdk.Item
                        key={command.id}
                        value={command.id}
                        keywords={[command.name, command.words ?? '']}
                        onSelect={() => {
                          chosen.current = command;
                          onClose();
                        }}
                      >
                        <Icon name={command.icon} />
                        <span className="palette-name">{command.name}</span>
                        {command.keys && <KeyHint keys={command.keys} />}
                      </Cmdk.Item>
                    ))}
                </Cmdk.Group>
              ))}
            </Cmdk.List>
          </Cmdk>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
