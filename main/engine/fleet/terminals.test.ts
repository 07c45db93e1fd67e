import { expect, it } from 'vitest';
import type { TerminalProcess } from '../runtimes/index.ts';
import { Terminals } from './terminals.ts';

function fakeProcess(): TerminalProcess & { closed: boolean } {
  const process = {
    closed: false,
    onData: () => undefined,
    onExit: () => undefined,
    write: () => undefined,
    resize: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    close: () => {
      process.closed = true;
    },
  };
  return process;
}

it('opens no more than it may, however many are asked for at once', async () => {
  const terminals = new Terminals();
  const opened = await Promise.allSettled(Array.from({ length: 20 }, () => terminals.open(async () => fakeProcess())));
  expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(16);
  terminals.closeAll();
});

it('leaves none behind that was being started when the fleet ended', async () => {
  const terminals = new Terminals();
  const process = fakeProcess();
  let start = (): void => undefined;
  const opening = terminals.open(
    () =>
      new Promise((resolve) => {
        start = () => resolve(process);
      }),
  );
  terminals.closeAll();
  start();
  await expect(opening).rejects.toMatchObject({ code: 'FLEET_BUSY' });
  expect(process.closed).toBe(true);
});
