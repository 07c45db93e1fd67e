import { expect, test } from 'vitest';
import { openTerminal } from './terminal.ts';

async function lastWords(): Promise<{ exitCode: number; output: string }> {
  const words = ['-c', 'read line; echo "first $line"; echo "last words"; exit 7'];
  const terminal = await openTerminal('/bin/sh', words, '/', {}, { cols: 80, rows: 24 });
  let output = '';
  terminal.onData((data) => {
    output += data;
  });
  terminal.write('go\n');
  const exitCode = await new Promise<number>((resolve) => terminal.onExit(resolve));
  return { exitCode, output };
}

test('what a shell writes right before it ends is read, each of many times', async () => {
  // Without care it was lost about once in forty times.
  for (let round = 0; round < 20; round += 1) {
    const all = await Promise.all(Array.from({ length: 8 }, lastWords));
    for (const { exitCode, output } of all) {
      expect([exitCode, output]).toEqual([7, expect.stringContaining('first go\r\nlast words\r\n')]);
    }
  }
});

test('a terminal that is closed ends its shell', async () => {
  const terminal = await openTerminal('/bin/sh', [], '/', {}, { cols: 80, rows: 24 });
  const ended = new Promise((resolve) => terminal.onExit(resolve));
  terminal.close();
  await ended;
});
