import { Command as Cmdk, defaultFilter } from 'cmdk';
import { Dialog as Radix } from 'radix-ui';
import { Icon, KeyHint } from '../ui/index.ts';
import './palette.css';
import type { Command } from './use-commands.ts';

const GROUPS = ['Go to', 'Services', 'Actions', 'Console'] as const;

/** Below this what was typed is merely scattered over a description: `pay` would find `gateway`. */
const FAINT = 0.1;

const filter = (value: string, search: string, keywords?: string[]): number => {
  const score = defaultFilter(value, search, keywords);
  return score < FAINT ? 0 : score;
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
  if (!open) return null;
  return (
    <Radix.Root open onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-overlay" />
        <Radix.Content className="dialog palette" aria-describedby={undefined}>
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
                        keywords={[command.name, ...(command.words ? [command.words] : [])]}
                        onSelect={() => {
                          onClose();
                          command.run();
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
