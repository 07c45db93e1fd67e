import './key-hint.css';

const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);

/** What stands on the key where that is shorter than its name in the DOM. */
const caps: Readonly<Record<string, string>> = { ArrowDown: '↓', ArrowUp: '↑', Escape: 'Esc' };

/** `Mod` is the platform's own: ⌘ or Ctrl. */
export function keyName(key: string): string {
  return key === 'Mod' ? (isMac ? '⌘' : 'Ctrl') : (caps[key] ?? key);
}

/** Keys to press, as written in the shortcuts' table: `g t`, `Mod+K`, `?`. */
export function KeyHint({ keys }: { keys: string }) {
  const strokes = keys.split(' ').map((stroke) =>
    stroke
      .split('+')
      .map(keyName)
      .join(isMac ? '' : '+'),
  );
  return (
    <span className="key-hint">
      {strokes.map((stroke) => (
        <kbd key={stroke}>{stroke}</kbd>
      ))}
    </span>
  );
}
