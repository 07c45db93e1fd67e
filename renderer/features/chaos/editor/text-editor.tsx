import { type KeyboardEvent, memo, type Ref, useImperativeHandle, useMemo, useRef } from 'react';
import { cx } from '../../../ui/index.ts';
import { type Edit, indent, newLine, offsetOf } from './edit.ts';
import { highlightLine } from './highlight.ts';
import './text-editor.css';

/** Of a line, from 1: the worse counts. */
export type LineMarks = ReadonlyMap<number, 'error' | 'warning'>;

export interface TextEditorHandle {
  /** Puts the caret there and brings it into view. Line and column count from 1. */
  jump(line: number, column: number): void;
}

const LINE_PX = 19;
/** Longer texts are shown without colours: they would be felt while typing. */
const MOST_COLOURED = 60_000;

/** A plain editor for YAML and JSON: line numbers, colours, marks on lines, indentation. Undo is the browser's own. */
export function TextEditor({
  label,
  value,
  marks,
  onChange,
  ref,
}: {
  label: string;
  value: string;
  marks: LineMarks;
  onChange: (value: string) => void;
  ref?: Ref<TextEditorHandle>;
}) {
  const area = useRef<HTMLTextAreaElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  /** Escape lets the next Tab leave the editor, for those who have no other way out. */
  const leaving = useRef(false);

  useImperativeHandle(ref, () => ({
    jump(line, column) {
      const at = offsetOf(area.current?.value ?? '', line, column);
      area.current?.focus({ preventScroll: true });
      area.current?.setSelectionRange(at, at);
      const height = scroller.current?.clientHeight ?? 0;
      scroller.current?.scrollTo({ top: Math.max(0, (line - 1) * LINE_PX - height / 3), left: 0 });
    },
  }));

  const apply = (edit: Edit | null): void => {
    if (!edit || !area.current) return;
    const { selectionStart, selectionEnd } = area.current;
    area.current.setSelectionRange(edit.from, edit.to);
    // The one way to change text that the browser can undo.
    document.execCommand('insertText', false, edit.text);
    if (edit.from < selectionStart && selectionEnd > selectionStart)
      area.current.setSelectionRange(edit.from, edit.from + edit.text.length);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    const selected = { from: event.currentTarget.selectionStart, to: event.currentTarget.selectionEnd };
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const wasLeaving = leaving.current;
    leaving.current = event.key === 'Escape' || (event.key === 'Shift' && wasLeaving);
    if (event.key === 'Tab' && plain && !wasLeaving) apply(indent(value, selected, event.shiftKey));
    else if (event.key === 'Enter' && plain && !event.shiftKey) apply(newLine(value, selected));
    else return;
    event.preventDefault();
  };

  return (
    <div className="editor" ref={scroller}>
      <Lines text={value} marks={marks} />
      <textarea
        ref={area}
        aria-label={label}
        value={value}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        wrap="off"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => {
          leaving.current = false;
        }}
      />
    </div>
  );
}

/** What the writing lies over: numbers, colours, marks. */
const Lines = memo(function Lines({ text, marks }: { text: string; marks: LineMarks }) {
  const isColoured = text.length <= MOST_COLOURED;
  const lines = useMemo(() => text.split('\n'), [text]);
  return (
    <>
      <div className="editor-numbers" aria-hidden="true">
        {lines.map((_, index) => {
          const mark = marks.get(index + 1);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its number alone
            <span key={index} className={cx(mark && `editor-mark-${mark}`)}>
              {index + 1}
            </span>
          );
        })}
      </div>
      <pre className="editor-lines" aria-hidden="true">
        {lines.map((line, index) => {
          const mark = marks.get(index + 1);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its number alone
            <Line key={index} line={line} isColoured={isColoured} mark={mark} />
          );
        })}
      </pre>
    </>
  );
});

const Line = memo(function Line({
  line,
  isColoured,
  mark,
}: {
  line: string;
  isColoured: boolean;
  mark: 'error' | 'warning' | undefined;
}) {
  let at = 0;
  return (
    <span className={cx('editor-line', mark && `editor-line-${mark}`)}>
      {isColoured
        ? highlightLine(line).map((token) => {
            const key = at;
            at += token.text.length;
            return token.kind === 'plain' ? (
              token.text
            ) : (
              <span key={key} className={`editor-${token.kind}`}>
                {token.text}
              </span>
            );
          })
        : line}
      {'\n'}
    </span>
  );
});
