import { Dialog, KeyHint } from '../ui/index.ts';
import './shortcut-sheet.css';
import type { Command } from './use-commands.ts';

const IN_VIEWS = [
  { name: 'Next and previous row or node', keys: 'ArrowDown ArrowUp' },
  { name: 'Open what is selected', keys: 'Enter' },
  { name: 'Select what has the focus', keys: 'Space' },
  { name: 'Actions on what has the focus', keys: 'Shift+F10' },
  { name: 'Stay at the newest log line', keys: 'f' },
];

/** The keys that work now. */
export function ShortcutSheet({
  open,
  onClose,
  commands,
}: {
  open: boolean;
  onClose: () => void;
  commands: readonly Command[];
}) {
  if (!open) return null;
  const withKeys = commands.flatMap((command) => (command.keys ? [{ ...command, keys: command.keys }] : []));
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts" width={600}>
      <div className="shortcut-sheet">
        <KeyTable title="Go to" rows={withKeys.filter((command) => command.group === 'Go to')} />
        <KeyTable
          title="Everywhere"
          rows={withKeys.filter((command) => command.group === 'Console' || command.group === 'Chaos')}
        />
        <KeyTable title="In lists and in the topology" rows={IN_VIEWS} />
      </div>
    </Dialog>
  );
}

function KeyTable({ title, rows }: { title: string; rows: readonly { name: string; keys: string }[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {rows.map((row) => (
          <div key={row.name}>
            <dt>{row.name}</dt>
            <dd>
              <KeyHint keys={row.keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
