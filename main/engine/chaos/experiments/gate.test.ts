import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Gate } from './gate.ts';

test('what is to take a year is not over at once', async () => {
  const gate = new Gate();
  const sleeping = gate.sleep(31_557_600).then(
    () => 'over',
    (error: Error) => error.message,
  );
  expect(await Promise.race([sleeping, delay(50, 'asleep')])).toBe('asleep');
  gate.breakOff('enough');
  expect(await sleeping).toBe('enough');
});

test('a part is held and broken off with the whole, and can be broken off alone', async () => {
  const whole = new Gate();
  const part = new Gate(whole);
  whole.pause();
  const passing = part.pass().then(() => 'through');
  expect(await Promise.race([passing, delay(20, 'held')])).toBe('held');
  whole.resume();
  expect(await passing).toBe('through');
  new Gate(whole).breakOff('alone');
  await whole.pass();
  whole.breakOff('all of it');
  await expect(part.pass()).rejects.toThrow('all of it');
});
