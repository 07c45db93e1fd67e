import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

function theme(name: string): Map<string, string> {
  const block = new RegExp(`\\[data-theme="${name}"\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
  return new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6,8});/g)].map((match) => [match[1] ?? '', match[2] ?? '']),
  );
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

/** A colour with alpha laid over an opaque one. */
function over(top: string, ground: string): string {
  const alpha = Number.parseInt(top.slice(7, 9), 16) / 255;
  const channel = (at: number): string => {
    const mixed =
      Number.parseInt(top.slice(at, at + 2), 16) * alpha + Number.parseInt(ground.slice(at, at + 2), 16) * (1 - alpha);
    return Math.round(mixed).toString(16).padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

describe.each(['dark', 'light', 'stage'])('the %s theme', (name) => {
  const colour = theme(name);
  const of = (token: string): string => colour.get(token) ?? '#000000';

  it('writes every text at a contrast of 4.5 or more', () => {
    const poor = ['fg', 'fg-muted', 'fg-faint', 'accent', 'ok', 'warn', 'error', 'fault'].flatMap((text) =>
      ['bg', 'surface', 'raised', 'hover']
        .map((ground) => ({ text, ground, contrast: contrast(of(text), of(ground)) }))
        .filter((pair) => pair.contrast < 4.5),
    );
    expect(poor).toEqual([]);
  });

  it('keeps texts readable on their soft grounds', () => {
    const poor = ['accent', 'warn', 'error', 'fault']
      .flatMap((tone) =>
        ['bg', 'surface'].map((ground) => ({
          tone,
          ground,
          contrast: contrast(of(tone), over(of(`${tone}-soft`), of(ground))),
        })),
      )
      .filter((pair) => pair.contrast < 4.5);
    expect(poor).toEqual([]);
  });

  it('can write names in the colours of series and quiet text, also where a row is tinted', () => {
    const series = [...colour.keys()].filter((token) => token.startsWith('series-'));
    expect(series).toHaveLength(16);
    expect(new Set(series.map(of)).size).toBe(16);
    const plain = ['bg', 'surface', 'hover'].map(of);
    const tinted = ['warn', 'error', 'accent'].flatMap((tone) =>
      ['bg', 'surface'].map((ground) => over(of(`${tone}-soft`), of(ground))),
    );
    const poor = [...series, 'fg-muted', 'fg-faint'].flatMap((token) =>
      [...plain, ...tinted].filter((ground) => contrast(of(token), ground) < 4.5).map((ground) => ({ token, ground })),
    );
    expect(poor).toEqual([]);
  });

  it('writes on the accent readably', () => expect(contrast(of('on-accent'), of('accent'))).toBeGreaterThan(4.5));

  it('defines what the dark theme defines', () =>
    expect([...theme('dark').keys()].filter((token) => !colour.has(token))).toEqual([]));
});
