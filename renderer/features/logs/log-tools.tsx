import { useCalmServices } from '../../app/engine-context.tsx';
import { valuesOf, withValues } from '../../app/search-edit.ts';
import { useServiceColor } from '../../app/use-service-color.ts';
import { Button, CheckMenu, cx, IconButton, Menu, plural } from '../../ui/index.ts';
import { changeDisplay, useLogDisplay } from './display.ts';
import { LEVEL_SWITCHES, levelsOf, toggleLevels } from './levels.ts';
import type { FeedState } from './log-feed.ts';

export interface LogToolsProps {
  query: string;
  onQuery: (query: string) => void;
  state: FeedState;
  isLive: boolean;
  lines: number;
  selected: number;
  onFollow: (follow: boolean) => void;
  onCopy: () => void;
  onExport: () => void;
}

/** What narrows the log list, how it looks, and what can be done with its lines. */
export function LogTools(props: LogToolsProps) {
  const { query, onQuery, state, isLive, lines, selected, onFollow } = props;
  const display = useLogDisplay();
  const chosen = levelsOf(query);
  return (
    <header className="view-tools log-tools">
      <fieldset className="log-levels" aria-label="Levels">
        {LEVEL_SWITCHES.map(({ label, levels }) => {
          const on = levels.every((level) => chosen.includes(level));
          return (
            <button
              key={label}
              type="button"
              className={cx('log-level-switch', `log-level-switch-${levels.at(-1)}`)}
              aria-pressed={on}
              onClick={() => onQuery(toggleLevels(query, levels))}
            >
              <i aria-hidden="true" />
              {label}
            </button>
          );
        })}
      </fieldset>
      <ServiceFilter query={query} onQuery={onQuery} />
      <Button
        look={display.wrap ? 'primary' : 'normal'}
        aria-pressed={display.wrap}
        onClick={() => changeDisplay({ wrap: !display.wrap })}
      >
        Wrap
      </Button>
      <ColumnMenu />
      {query !== '' && (
        <Button look="quiet" icon="close" className="log-clear" onClick={() => onQuery('')} title={`Clear ${query}`}>
          Clear filter
        </Button>
      )}
      <span className="view-count" role="status">
        {selected > 1 ? `${plural(selected, 'line')} selected` : countText(state, lines, isLive)}
      </span>
      {isLive && (
        <Button
          look={state.follow ? 'primary' : 'normal'}
          icon={state.follow ? 'pause' : 'down'}
          aria-pressed={state.follow}
          aria-keyshortcuts="f"
          title="Stay at the newest line (f)"
          onClick={() => onFollow(!state.follow)}
        >
          {state.follow ? 'Following' : 'Follow'}
        </Button>
      )}
      <Menu
        trigger={<IconButton icon="more" label="Copy and export" />}
        groups={[
          [
            {
              label: selected > 1 ? `Copy ${plural(selected, 'selected line')}` : `Copy all ${plural(lines, 'line')}`,
              icon: 'copy',
              ...(selected > 1 ? { keys: 'Mod+C' } : {}),
              onSelect: props.onCopy,
            },
            {
              label: selected > 1 ? 'Export selected as JSON lines' : 'Export as JSON lines',
              icon: 'down',
              onSelect: props.onExport,
            },
          ],
        ]}
      />
    </header>
  );
}

function countText(state: FeedState, lines: number, isLive: boolean): string {
  if (state.phase === 'idle') return '';
  if (state.phase === 'loading') return 'Searching …';
  return `${plural(lines, 'line')}${isLive ? (state.follow ? ' · live' : ' · held') : ''}`;
}

function ServiceFilter({ query, onQuery }: { query: string; onQuery: (query: string) => void }) {
  const services = useCalmServices();
  const color = useServiceColor();
  const chosen = valuesOf(query, 'service')?.values ?? [];
  const known = services.map((service) => service.id as string);
  const names = [...known, ...chosen.filter((name) => !known.includes(name))];
  const label = chosen.length === 0 ? 'All services' : chosen.length === 1 ? chosen[0] : `${chosen.length} services`;
  return (
    <CheckMenu
      trigger={
        <Button icon="filter" className={cx(chosen.length > 0 && 'button-chosen')}>
          {label}
        </Button>
      }
      groups={[
        {
          items: names.map((name) => ({
            label: name,
            color: color(name),
            checked: chosen.includes(name),
            onChange: (checked) =>
              onQuery(
                withValues(query, 'service', checked ? [...chosen, name] : chosen.filter((other) => other !== name)),
              ),
          })),
        },
      ]}
    />
  );
}

function ColumnMenu() {
  const display = useLogDisplay();
  const time = (format: typeof display.time, label: string) => ({
    label,
    checked: display.time === format,
    onChange: () => changeDisplay({ time: format }),
  });
  return (
    <CheckMenu
      trigger={<Button>Columns</Button>}
      groups={[
        {
          title: 'Time',
          items: [time('clock', 'Time of day'), time('date', 'Date and time'), time('utc', 'UTC, ISO 8601')],
        },
        {
          title: 'Columns',
          items: [
            {
              label: 'Service',
              checked: display.service,
              onChange: (checked: boolean) => changeDisplay({ service: checked }),
            },
            {
              label: 'Instance',
              checked: display.instance,
              onChange: (checked: boolean) => changeDisplay({ instance: checked }),
            },
          ],
        },
      ]}
    />
  );
}
