import { expect, test } from 'vitest';
import type { ExperimentVariable } from '../../../main/contract/index.ts';
import { changedValues, givenAgain, originalText, originText, shownText, valueSentence } from './given-values.ts';

const wait: ExperimentVariable = { name: 'wait_ms', type: 'number', default: '800', environment: null };
const seconds: ExperimentVariable = { name: 'seconds', type: 'integer', default: '30', environment: 'SLOW_SECONDS' };
const region: ExperimentVariable = { name: 'region', type: 'text', default: null, environment: 'REGION' };
const all = [wait, seconds, region];

test('fields show what the file has until something else is given', () => {
  expect(all.map((one) => shownText(one, {}))).toEqual(['800', '30', '']);
  expect(shownText(wait, { wait_ms: '' })).toBe('');
});

test('only changed values are sent, and only of variables that there are', () => {
  expect(changedValues(all, { wait_ms: '800', gone: '1' })).toEqual({});
  expect(changedValues(all, { wait_ms: '900', region: 'eu' })).toEqual({ wait_ms: '900', region: 'eu' });
});

test("the file's own value is sent where the environment counts before it", () => {
  expect(changedValues(all, { seconds: '30' })).toEqual({ seconds: '30' });
});

test('a value that is wrong is told in the words of the engine', () => {
  expect(valueSentence(wait, { wait_ms: 'long' })).toBe('The variable wait_ms is a number in the file, not long.');
  expect(valueSentence(seconds, { seconds: '1.5' })).toMatch(/a whole number in the file, not 1\.5\.$/);
  expect(all.map((one) => valueSentence(one, {}))).toEqual([null, null, null]);
});

test('says where values are from', () => {
  expect(all.map(originText)).toEqual([
    'Fixed in the file',
    'SLOW_SECONDS of the environment, else this',
    'REGION of the environment',
  ]);
  expect(all.map(originalText)).toEqual([
    'Changed from 800',
    'Changed from SLOW_SECONDS, else 30',
    'Changed from REGION',
  ]);
  expect(originalText({ ...wait, type: 'text', default: '' })).toBe('Changed from nothing');
});

test('a run is started anew with what it was given, unless that was a secret', () => {
  expect(givenAgain({})).toEqual({});
  expect(givenAgain({ wait_ms: '900' })).toEqual({ wait_ms: '900' });
  expect(givenAgain({ wait_ms: '900', password: null })).toBeNull();
});
