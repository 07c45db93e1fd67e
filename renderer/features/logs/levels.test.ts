import { expect, it } from 'vitest';
import { levelsOf, toggleLevels } from './levels.ts';

it('knows which levels a search asks for', () => {
  expect(levelsOf('level:warn,ERROR x')).toEqual(['warn', 'error']);
  expect(levelsOf('level>=warn')).toEqual(['warn', 'error', 'fatal']);
  expect(levelsOf('level<info')).toEqual(['trace', 'debug']);
  expect(levelsOf('x')).toEqual([]);
  expect(levelsOf('level>=nonsense')).toEqual([]);
});

it('switches levels on and off in the search', () => {
  const warn = toggleLevels('timeout', ['warn']);
  expect(warn).toBe('timeout level:warn');
  const both = toggleLevels(warn, ['error', 'fatal']);
  expect(both).toBe('timeout level:warn,error,fatal');
  expect(toggleLevels(both, ['warn'])).toBe('timeout level:error,fatal');
  expect(toggleLevels(warn, ['warn'])).toBe('timeout');
  expect(toggleLevels('level>=info', ['trace', 'debug'])).toBe('');
});
