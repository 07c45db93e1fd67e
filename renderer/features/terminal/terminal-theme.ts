import type { ITheme } from '@xterm/xterm';

/** The colours of a terminal, from the tokens of the theme that the page has. `token` gives the value of a CSS variable. */
export function terminalTheme(token: (name: string) => string): ITheme {
  return {
    background: token('--bg'),
    foreground: token('--fg'),
    cursor: token('--accent'),
    cursorAccent: token('--bg'),
    selectionBackground: token('--accent-soft'),
    black: token('--border-strong'),
    red: token('--error'),
    green: token('--ok'),
    yellow: token('--warn'),
    blue: token('--series-1'),
    magenta: token('--series-3'),
    cyan: token('--series-5'),
    white: token('--fg-muted'),
    brightBlack: token('--fg-faint'),
    brightRed: token('--error'),
    brightGreen: token('--ok'),
    brightYellow: token('--warn'),
    brightBlue: token('--accent'),
    brightMagenta: token('--series-3'),
    brightCyan: token('--series-5'),
    brightWhite: token('--fg'),
  };
}

/** Theme, font and size of the page as it is now. */
export function terminalLook(): { theme: ITheme; fontFamily: string; fontSize: number } {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    theme: terminalTheme(token),
    fontFamily: token('--mono') || 'monospace',
    fontSize: Number.parseFloat(token('--text')) || 13,
  };
}
