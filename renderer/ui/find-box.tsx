import type { KeyboardEvent, Ref } from 'react';
import { IconButton } from './button.tsx';
import './find-box.css';

/** A search in what is shown beside it. Enter leads to the next place, Shift+Enter to the one before, Escape to `onLeave`. */
export function FindBox({
  label,
  placeholder = 'Search',
  text,
  found,
  onText,
  onGo,
  onLeave,
  input,
}: {
  label: string;
  placeholder?: string;
  text: string;
  /** Where it stands, such as `2 of 14`; empty while nothing is looked for. */
  found: string;
  onText: (text: string) => void;
  onGo: (back: boolean) => void;
  onLeave?: () => void;
  input?: Ref<HTMLInputElement>;
}) {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') onGo(event.shiftKey);
    else if (event.key === 'Escape' && onLeave) onLeave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <search className="find-box">
      <input
        ref={input}
        type="text"
        aria-label={label}
        placeholder={placeholder}
        spellCheck={false}
        value={text}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <span className="muted" role="status">
        {found}
      </span>
      <IconButton icon="down" label="Next" onClick={() => onGo(false)} disabled={text === ''} />
    </search>
  );
}
