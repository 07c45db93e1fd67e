/** A key press as the shortcuts' table writes it: `Mod+K`, `?`, `g`. Null for presses that are none of ours. */
export function strokeOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): string | null {
  if (event.altKey) return null;
  if (event.key === 'Shift' || event.key === 'Control' || event.key === 'Meta') return null;
  const isLetter = /^[a-z]$/i.test(event.key);
  if (event.ctrlKey || event.metaKey) {
    if (event.key === '.') return 'Mod+.';
    return isLetter ? `Mod+${event.key.toUpperCase()}` : null;
  }
  return event.key === ' ' ? 'Space' : event.key;
}

/** How long the second key of `g t` may take. */
export const CHORD_MS = 1200;

export interface ChordState {
  readonly pending: string | null;
  readonly atMs: number;
}

/** What a press means after those before it: a command's keys, or a chord that has begun. */
export function nextChord(
  state: ChordState,
  stroke: string,
  nowMs: number,
  known: ReadonlySet<string>,
): { readonly state: ChordState; readonly matched: string | null } {
  const none = { pending: null, atMs: nowMs };
  if (state.pending !== null && nowMs - state.atMs <= CHORD_MS) {
    const chord = `${state.pending} ${stroke}`;
    if (known.has(chord)) return { state: none, matched: chord };
  }
  if (known.has(stroke)) return { state: none, matched: stroke };
  const begins = [...known].some((keys) => keys.startsWith(`${stroke} `));
  return { state: begins ? { pending: stroke, atMs: nowMs } : none, matched: null };
}

/** Whether the press belongs to what has the focus, as text is written there. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}
