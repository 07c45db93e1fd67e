import { expect, it } from 'vitest';
import { ServiceId } from '../../../contract/index.ts';
import { Lanes } from './lanes.ts';

const ref = (index: number) => ({ service: ServiceId.parse('a'), index });

it('does what concerns one instance in order, whatever fails, and others at the same time', async () => {
  const lanes = new Lanes();
  const told: string[] = [];
  let open: () => void = () => undefined;
  const door = new Promise<void>((resolve) => {
    open = resolve;
  });
  const first = lanes.run(ref(1), async () => {
    await door;
    told.push('first');
    throw new Error('refused');
  });
  const second = lanes.run(ref(1), async () => told.push('second'));
  await lanes.run(ref(2), async () => told.push('other'));
  open();
  await expect(first).rejects.toThrow('refused');
  expect(await second).toBe(3);
  expect(told).toEqual(['other', 'first', 'second']);
});
