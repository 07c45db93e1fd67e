import { useSyncExternalStore } from 'react';

export const THEMES = [
  { value: 'system', label: 'Like the system' },
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
  { value: 'stage', label: 'Stage: high contrast, larger type' },
] as const;
export type Theme = (typeof THEMES)[number]['value'];

const KEY = 'flotilla.theme';
const wantsDark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
let theme = read();

function read(): Theme {
  const kept = localStorage.getItem(KEY);
  return THEMES.find((one) => one.value === kept)?.value ?? 'system';
}

function apply(): void {
  document.documentElement.dataset.theme = theme === 'system' ? (wantsDark.matches ? 'dark' : 'light') : theme;
  for (const listener of listeners) listener();
}

/** Puts the kept theme on the page and follows the system's while it is `system`. Called before the first render. */
export function startTheme(): void {
  wantsDark.addEventListener('change', apply);
  apply();
}

export function setTheme(next: Theme): void {
  theme = next;
  localStorage.setItem(KEY, next);
  apply();
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => theme,
  );
}
