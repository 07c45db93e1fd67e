import { type KeyboardEvent, useEffect, useMemo, useState } from 'react';
import { useTheme } from '../../app/theme.ts';
import { useServiceColor } from '../../app/use-service-color.ts';
import { cx, GridList } from '../../ui/index.ts';
import { useLogDisplay } from './display.ts';
import { searchedTexts } from './highlight.ts';
import { isLine, type LogRow } from './log-buffer.ts';
import { LogDetails } from './log-details.tsx';
import type { FeedState, LogFeed } from './log-feed.ts';
import { LogCells, SkippedCells } from './log-row.tsx';

const ROW = 22;
const ROW_ON_STAGE = 26;

/** The lines of a feed; Enter or a click unfolds one, Shift selects several. */
export function LogList({
  feed,
  state,
  query,
  isLive,
  onSelection,
  onCopy,
}: {
  feed: LogFeed;
  state: FeedState;
  query: string;
  isLive: boolean;
  onSelection: (selection: readonly [number, number] | null) => void;
  onCopy: () => void;
}) {
  const display = useLogDisplay();
  const color = useServiceColor();
  const theme = useTheme();
  const texts = useMemo(() => searchedTexts(query), [query]);
  const [open, setOpen] = useState<ReadonlySet<number>>(() => new Set());
  const [marked, setMarked] = useState<{ anchor: number; active: number } | null>(null);
  const { rows } = feed;
  const from = marked ? Math.min(marked.anchor, marked.active) : 0;
  const to = marked ? Math.max(marked.anchor, marked.active) : -1;

  useEffect(() => onSelection(marked && [from, to]), [onSelection, marked, from, to]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another reading has other lines at the same positions
  useEffect(() => {
    setOpen(new Set());
    setMarked(null);
  }, [state.reading]);

  const toggle = (position: number): void => {
    if (!isLine(rows.at(position))) return;
    const next = new Set(open);
    if (!next.delete(position)) next.add(position);
    setOpen(next);
  };
  const activate = (position: number, extend: boolean): void =>
    setMarked({ anchor: extend && marked ? marked.anchor : position, active: position });
  const onKey = (event: KeyboardEvent): void => {
    const selecting = to > from;
    if (event.key === 'c' && (event.ctrlKey || event.metaKey) && selecting && getSelection()?.isCollapsed !== false) {
      onCopy();
    } else if (event.key === 'Escape' && (open.size > 0 || marked)) {
      if (open.size > 0) setOpen(new Set());
      else setMarked(null);
    } else return;
    event.preventDefault();
  };

  return (
    <div
      className={cx('log-list', display.wrap && 'log-list-wrap', `log-list-${display.time}`)}
      data-service={display.service}
      data-instance={display.instance}
    >
      {state.earlier === 'loading' && (
        <p className="log-earlier" role="status">
          Reading earlier lines
        </p>
      )}
      <GridList<LogRow>
        label="Log lines"
        count={rows.count}
        base={rows.first}
        rowAt={(position) => rows.at(position)}
        rowHeight={theme === 'stage' ? ROW_ON_STAGE : ROW}
        isTall={(position) => display.wrap || open.has(position)}
        isOpen={(position) => (isLine(rows.at(position)) ? open.has(position) : null)}
        isSelected={(position) => position >= from && position <= to}
        rowClass={(_, position) => cx(to > from && position >= from && position <= to && 'grid-row-selected')}
        active={marked?.active ?? null}
        onActive={(position, extend) => activate(position, extend)}
        onToggle={toggle}
        onPick={toggle}
        follow={state.follow}
        onFollow={(follow) => (isLive || !follow || state.detached ? feed.setFollow(follow) : undefined)}
        onTop={() => void feed.loadEarlier()}
        onKey={onKey}
        renderRow={(row, position) =>
          isLine(row) ? (
            <>
              <LogCells line={row} display={display} color={color(row.service)} texts={texts} />
              {open.has(position) && <LogDetails line={row} />}
            </>
          ) : (
            <SkippedCells count={row.skipped} />
          )
        }
      />
    </div>
  );
}
