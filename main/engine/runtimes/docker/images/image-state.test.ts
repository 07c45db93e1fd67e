import { expect, it } from 'vitest';
import { type ImageProgress, pullPercent, ServiceId } from '../../../../contract/index.ts';
import { begun, newProgress, told } from './image-state.ts';
import type { EngineMessage } from './messages.ts';

const service = ServiceId.parse('web');
const fresh = begun(
  newProgress({
    image: 'app:1',
    services: [service],
    build: null,
    names: ['app:1'],
    policy: 'missing',
    platform: null,
  }),
  0,
);
const after = (...messages: EngineMessage[]): ImageProgress => messages.reduce(told, fresh);

it('follows each layer of a pull', () => {
  const { layers, output } = after(
    { status: 'Pulling from library/app', id: '1' },
    { status: 'Pulling fs layer', id: 'a', progressDetail: {} },
    { status: 'Already exists', id: 'b', progressDetail: {} },
    { status: 'Downloading', id: 'a', progressDetail: { current: 30, total: 100 } },
  );
  expect(layers).toEqual([
    { id: 'a', state: 'downloading', currentBytes: 30, totalBytes: 100 },
    { id: 'b', state: 'done', currentBytes: null, totalBytes: null },
  ]);
  expect(output).toEqual([]);
});

it('keeps a layer whole when the engine says no more of its size', () => {
  const { layers } = after(
    { status: 'Downloading', id: 'a', progressDetail: { current: 30, total: 100 } },
    { status: 'Download complete', id: 'a', progressDetail: {} },
  );
  expect(layers).toEqual([{ id: 'a', state: 'downloading', currentBytes: 100, totalBytes: 100 }]);
});

it('tells the step of a build and its last lines, without colours', () => {
  const progress = after(
    { stream: 'Step 3/9 : RUN npm ci\n' },
    { stream: '\u001b[91mnpm warn old\r\n\u001b[0m' },
    { stream: '\n' },
  );
  expect(progress.step).toEqual({ number: 3, total: 9, text: 'RUN npm ci' });
  expect(progress.output).toEqual(['Step 3/9 : RUN npm ci', 'npm warn old']);
  expect(told(progress, { stream: 'STEP 4/9: COPY . .' }).step?.number).toBe(4);
});

it('keeps no more than the last lines', () => {
  const lines = Array.from({ length: 500 }, (_, n) => ({ stream: `line ${n}\n` }));
  expect(after(...lines).output).toHaveLength(40);
  expect(after(...lines).output.at(-1)).toBe('line 499');
});

it('tells the whole of a pull in percent, loading and unpacking each a half', () => {
  const layer = (state: 'waiting' | 'downloading' | 'extracting' | 'done', currentBytes: number, totalBytes = 100) => ({
    id: `${state}${currentBytes}`,
    state,
    currentBytes,
    totalBytes,
  });
  expect(pullPercent([])).toBeNull();
  expect(pullPercent([layer('downloading', 50)])).toBe(25);
  expect(pullPercent([layer('extracting', 50)])).toBe(75);
  expect(pullPercent([layer('done', 100), layer('waiting', 0, 300)])).toBe(25);
});
