import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  type Ref,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useReducer,
  useRef,
  useState,
} from 'react';
import './grid-list.css';
import { cx } from './class-names.ts';
import { GridOffsets } from './grid-offsets.ts';

const OVERSCAN = 8;
/** So near to its top the list asks for earlier rows. */
const TOP_PX = 400;

export interface GridListHandle {
  scrollToEnd(): void;
  focus(): void;
}

export interface GridListProps<Row> {
  label: string;
  count: number;
  /** The position of the first row. It grows as rows are dropped from the front and falls as rows are put before. */
  base?: number;
  rowAt: (position: number) => Row | undefined;
  rowHeight: number;
  /** Rows whose height is measured: unfolded ones, wrapped text. */
  isTall: (position: number) => boolean;
  /** The cells of a row, as `role="gridcell"`. */
  renderRow: (row: Row, position: number) => ReactNode;
  rowClass?: (row: Row, position: number) => string;
  /** Whether a row is open; null for rows that cannot be. */
  isOpen?: (position: number) => boolean | null;
  isSelected?: (position: number) => boolean;
  active: number | null;
  onActive: (position: number, extend: boolean) => void;
  /** Enter on the active row. */
  onToggle?: (position: number) => void;
  /** A click on a row that selected no text. */
  onPick?: (position: number) => void;
  /** Stay at the end as rows come. */
  follow?: boolean;
  /** The reader moved away from the end, or came back to it. */
  onFollow?: (follow: boolean) => void;
  onTop?: () => void;
  onKey?: (event: KeyboardEvent) => void;
  ref?: Ref<GridListHandle>;
}

/**
 * A very long list that changes many times a second: only what is in sight is in the page, and what is in sight stays where
 * it is while rows come and go. Rows may hold links and buttons, so it is a grid. Arrow keys, Page Up and Down, Home and End
 * move the active row, with Shift they extend the selection; Enter opens.
 */
export function GridList<Row>(props: GridListProps<Row>) {
  const { label, count, base = 0, rowAt, rowHeight, isTall, renderRow, follow = false, active } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const rowsBox = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState(0);
  const [, renderAgain] = useReducer((n: number) => n + 1, 0);
  const [offsets] = useState(() => new GridOffsets());
  const [heights] = useState(() => new Map<number, number>());
  /** What is at the top of the view, and how far it is scrolled out. */
  const anchor = useRef({ position: base, into: 0 });
  const following = useRef(follow);
  const lastTop = useRef(0);
  following.current = follow;

  for (const position of heights.keys()) {
    if (position < base || position >= base + count || !isTall(position)) heights.delete(position);
  }
  offsets.update(count, base, rowHeight, heights);
  const bottom = Math.max(0, offsets.total - viewport);
  const anchored = offsets.topOf(anchor.current.position - base) + anchor.current.into;
  const top = follow ? bottom : Math.max(0, Math.min(bottom, anchored));
  const overscan = follow ? 1 : OVERSCAN;
  const first = Math.max(0, offsets.indexAt(top) - overscan);
  const last = Math.min(count, offsets.indexAt(top + viewport) + 1 + overscan);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      setViewport(element.clientHeight);
      renderAgain();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const keepPlace = (at: number): void => {
    const index = offsets.indexAt(at);
    anchor.current = { position: base + index, into: at - offsets.topOf(index) };
  };

  // After each render: take the heights of what is measured, then put the view where it belongs.
  useLayoutEffect(() => {
    let changed = false;
    for (const child of rowsBox.current?.children ?? []) {
      const position = Number((child as HTMLElement).dataset.position);
      if (!isTall(position)) continue;
      const height = Math.ceil((child as HTMLElement).offsetHeight);
      if (heights.get(position) === height) continue;
      heights.set(position, height);
      changed = true;
    }
    if (changed) renderAgain();
    const element = scroller.current;
    if (!element) return;
    if (Math.abs(element.scrollTop - top) > 0.5) element.scrollTop = top;
    lastTop.current = element.scrollTop;
    // Whoever stops following looks on at what is in sight.
    if (follow) keepPlace(lastTop.current);
  });

  const setFollow = (next: boolean): void => {
    if (following.current === next || !props.onFollow) return;
    if (!next) keepPlace(scroller.current?.scrollTop ?? 0);
    following.current = next;
    props.onFollow(next);
  };
  const scrollTo = (at: number): void => {
    keepPlace(Math.max(0, Math.min(bottom, at)));
    renderAgain();
  };
  const onScroll = (): void => {
    const element = scroller.current;
    if (!element) return;
    const at = element.scrollTop;
    const moved = at - lastTop.current;
    if (Math.abs(moved) < 0.5) return;
    lastTop.current = at;
    if (moved < 0) setFollow(false);
    else if (at >= element.scrollHeight - element.clientHeight - 2) setFollow(true);
    keepPlace(at);
    if (at < TOP_PX) props.onTop?.();
    renderAgain();
  };

  const reveal = (position: number): void => {
    const rowTop = offsets.topOf(position - base);
    const rowEnd = offsets.topOf(position - base + 1);
    if (rowTop < top) {
      scrollTo(rowTop);
      if (rowTop < TOP_PX) props.onTop?.();
    } else if (rowEnd > top + viewport) scrollTo(rowEnd - viewport);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    props.onKey?.(event);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(viewport / rowHeight) - 1);
    const end = base + count - 1;
    const at = active !== null && active >= base && active <= end ? active : null;
    const from = at ?? (follow ? end + 1 : base + offsets.indexAt(top + rowHeight - 1) - 1);
    const target: Record<string, number> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: base,
      End: end,
    };
    const to = target[event.key];
    if (to !== undefined && count > 0) {
      const position = Math.max(base, Math.min(end, to));
      if (position < end) setFollow(false);
      props.onActive(position, event.shiftKey);
      reveal(position);
    } else if (event.key === 'Enter' && at !== null && props.onToggle) {
      setFollow(false);
      props.onToggle(at);
    } else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent, position: number): void => {
    setFollow(false);
    if (event.shiftKey) getSelection()?.removeAllRanges();
    props.onActive(position, event.shiftKey);
    if (!event.shiftKey && getSelection()?.isCollapsed !== false) props.onPick?.(position);
  };

  useImperativeHandle(props.ref, () => ({
    scrollToEnd: () => scrollTo(bottom),
    focus: () => scroller.current?.focus(),
  }));

  const rows: ReactNode[] = [];
  for (let index = first; index < last; index++) {
    const position = base + index;
    const row = rowAt(position);
    if (row === undefined) continue;
    const open = props.isOpen?.(position) ?? null;
    rows.push(
      // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the focus and the keys, see onKeyDown
      // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus, aria-activedescendant names the row
      // biome-ignore lint/a11y/useSemanticElements: a table cannot be virtual
      <div
        // While rows rush past, the same elements are written anew; while they are read, each keeps its own.
        key={follow ? index - first : position}
        id={`${id}-${position}`}
        role="row"
        aria-rowindex={index + 1}
        aria-selected={props.isSelected?.(position) ?? position === active}
        aria-expanded={open ?? undefined}
        data-position={position}
        className={cx('grid-row', position === active && 'grid-row-active', props.rowClass?.(row, position))}
        style={isTall(position) ? undefined : { height: rowHeight }}
        onClick={(event) => onClick(event, position)}
      >
        {renderRow(row, position)}
      </div>,
    );
  }

  return (
    <div
      ref={scroller}
      className="grid-list"
      // Only a treegrid's rows may say that they unfold.
      role="treegrid"
      aria-label={label}
      aria-rowcount={count}
      aria-multiselectable={props.isSelected !== undefined}
      aria-activedescendant={active !== null ? `${id}-${active}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={onScroll}
      onWheel={(event) => event.deltaY < 0 && setFollow(false)}
    >
      <div className="grid-list-space" style={{ height: offsets.total }} role="presentation">
        <div
          ref={rowsBox}
          className="grid-list-rows"
          role="presentation"
          style={{ transform: `translateY(${offsets.topOf(first)}px)` }}
        >
          {rows}
        </div>
      </div>
    </div>
  );
}
