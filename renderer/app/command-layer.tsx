import { useEffect, useRef, useSyncExternalStore } from 'react';
import { Palette } from './palette.tsx';
import { ShortcutSheet } from './shortcut-sheet.tsx';
import { isTyping, nextChord, strokeOf } from './shortcuts.ts';
import { useCommands } from './use-commands.ts';
import { useServiceActions } from './use-service-actions.tsx';

type Layer = 'palette' | 'sheet' | null;
let layer: Layer = null;
const listeners = new Set<() => void>();

function show(next: Layer): void {
  layer = next;
  for (const listener of listeners) listener();
}

export const openPalette = (): void => show('palette');
export const openSheet = (): void => show('sheet');

const store = {
  get: (): Layer => layer,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** The keys of the console, the palette and the sheet that shows the keys; mounted once. */
export function CommandLayer() {
  const shown = useSyncExternalStore(store.subscribe, store.get);
  const { run, confirm } = useServiceActions();
  const commands = useCommands({ isShown: shown === 'palette', openPalette, openSheet, act: run });
  const byKeys = useRef(new Map<string, () => void>());
  byKeys.current = new Map(commands.flatMap((command) => (command.keys ? [[command.keys, command.run] as const] : [])));

  useEffect(() => {
    let chord: Parameters<typeof nextChord>[0] = { pending: null, atMs: 0 };
    const onKey = (event: KeyboardEvent): void => {
      const stroke = strokeOf(event);
      if (!stroke || event.defaultPrevented) return;
      const inDialog = document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null;
      if (!stroke.startsWith('Mod+') && (isTyping(event.target) || inDialog)) return;
      const next = nextChord(chord, stroke, performance.now(), new Set(byKeys.current.keys()));
      chord = next.state;
      if (next.matched === null) return;
      event.preventDefault();
      byKeys.current.get(next.matched)?.();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  return (
    <>
      <Palette open={shown === 'palette'} onClose={() => show(null)} commands={commands} />
      <ShortcutSheet open={shown === 'sheet'} onClose={() => show(null)} commands={commands} />
      {confirm}
    </>
  );
}
