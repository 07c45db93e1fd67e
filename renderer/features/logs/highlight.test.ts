import { describe, expect, it } from 'vitest';
import { highlight, searchedTexts } from './highlight.ts';

describe('searchedTexts', () => {
  it('takes words, phrases and what is asked of the message, not what is excluded or of other fields', () => {
    expect(searchedTexts('service:orders "Timed Out" message:charge* -cancelled (a OR bc)')).toEqual([
      'timed out',
      'charge',
      'bc',
      'a',
    ]);
  });
  it('takes nothing from a search that is not understood', () => expect(searchedTexts('duration>')).toEqual([]));
});

describe('highlight', () => {
  const shown = (message: string, ...texts: string[]) =>
    highlight(message, texts)
      .map((piece) => (piece.hit ? `[${piece.text}]` : piece.text))
      .join('');
  it('marks every hit without regard to case', () => {
    expect(shown('Charge timed out, CHARGE again', 'charge')).toBe('[Charge] timed out, [CHARGE] again');
    expect(shown('timed out', 'timed out', 'time')).toBe('[timed out]');
    expect(shown('nothing here', 'x')).toBe('nothing here');
    expect(shown('all')).toBe('all');
  });
});
