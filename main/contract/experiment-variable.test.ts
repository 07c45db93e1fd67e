import { expect, test } from 'vitest';
import { type ExperimentVariable, variableProblem, variableValue } from './experiment-variable.ts';

test.each<[ExperimentVariable['type'], string, unknown]>([
  ['text', '', ''],
  ['text', '7', '7'],
  ['number', '2.5', 2.5],
  ['number', '2 s', undefined],
  ['integer', '2', 2],
  ['integer', '2.5', undefined],
  ['boolean', 'false', false],
  ['boolean', 'no', undefined],
  ['json', '[1]', [1]],
  ['json', '5', undefined],
  ['json', '[1', undefined],
])('a %s has %j stand for %j', (type, text, value) => {
  expect(variableValue({ type }, text)).toEqual(value);
});

test('a text of another type is told with what was wanted', () => {
  expect(variableProblem({ name: 'n', type: 'number' }, '2')).toBeNull();
  expect(variableProblem({ name: 'n', type: 'number' }, ' ')).toBe('the variable n is a number in the file, not empty');
  expect(variableProblem({ name: 'yes', type: 'boolean' }, 'no')).toBe(
    'the variable yes is true or false in the file, not no',
  );
});
