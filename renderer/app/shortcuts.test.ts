import { describe, expect, it } from 'vitest';
import { CHORD_MS, nextChord, strokeOf } from './shortcuts.ts';

const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...more,
});
const known = new Set(['g t', 'g s', '?', 'Mod+K']);
const idle = { pending: null, atMs: 0 };

describe('strokeOf', () => {
  it('takes Ctrl and Command for the same', () => {
    expect(strokeOf(press('k', { ctrlKey: true }))).toBe('Mod+K');
    expect(strokeOf(press('k', { metaKey: true }))).toBe('Mod+K');
    expect(strokeOf(press('.', { ctrlKey: true }))).toBe('Mod+.');
    expect(strokeOf(press('-', { ctrlKey: true }))).toBeNull();
  });
  it('leaves modifiers alone and Alt to the system', () => {
    expect(strokeOf(press('Shift'))).toBeNull();
    expect(strokeOf(press('f', { altKey: true }))).toBeNull();
    expect(strokeOf(press('?'))).toBe('?');
  });
});

describe('nextChord', () => {
  it('matches one key at once', () => expect(nextChord(idle, '?', 0, known).matched).toBe('?'));

  it('waits for the second key of a chord', () => {
    const first = nextChord(idle, 'g', 0, known);
    expect(first.matched).toBeNull();
    expect(nextChord(first.state, 't', 500, known).matched).toBe('g t');
  });

  it('forgets the first key when the second is late or another', () => {
    const { state } = nextChord(idle, 'g', 0, known);
    expect(nextChord(state, 't', CHORD_MS + 1, known).matched).toBeNull();
    expect(nextChord(nextChord(state, 'x', 10, known).state, 't', 20, known).matched).toBeNull();
  });
});
