import { describe, expect, it } from 'vitest';
import { SendQueue } from './send-queue.ts';

/** A line to send over, whose answers come when told to. */
function line() {
  const sent: string[] = [];
  const answers: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const errors: unknown[] = [];
  const send = (data: string): Promise<void> => {
    sent.push(data);
    return new Promise((resolve, reject) => answers.push({ resolve, reject }));
  };
  const queue = new SendQueue(send, (error) => errors.push(error));
  const settle = async (change: (answer: (typeof answers)[number]) => void): Promise<void> => {
    const answer = answers.shift();
    if (answer) change(answer);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { sent, errors, queue, answer: () => settle(({ resolve }) => resolve()), settle };
}

describe('SendQueue', () => {
  it('has one call under way and puts what comes meanwhile into the next', async () => {
    const { sent, queue, answer } = line();
    for (const key of 'ls\r') queue.push(key);
    expect(sent).toEqual(['l']);
    await answer();
    expect(sent).toEqual(['l', 's\r']);
  });

  it('cuts what is longer than one call may carry', async () => {
    const { sent, queue, answer } = line();
    queue.push('x'.repeat(70_000));
    await answer();
    expect(sent.map((data) => data.length)).toEqual([65_536, 4464]);
  });

  it('tells of a call that failed, drops what waited, and goes on with what comes after', async () => {
    const { sent, errors, queue, settle } = line();
    queue.push('rm ');
    queue.push('-rf');
    await settle(({ reject }) => reject(new Error('gone')));
    expect(errors).toHaveLength(1);
    queue.push('ls');
    expect(sent).toEqual(['rm ', 'ls']);
  });

  it('sends nothing once it is closed', async () => {
    const { sent, errors, queue, settle } = line();
    queue.push('a');
    queue.push('b');
    queue.close();
    await settle(({ reject }) => reject(new Error('gone')));
    queue.push('c');
    expect([sent, errors]).toEqual([['a'], []]);
  });
});
