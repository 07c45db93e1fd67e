import { afterEach, describe, expect, it } from 'vitest';
import { type Bank, connectBank } from './bank.ts';
import { BankSimulator } from './bank-simulator.ts';

/** Answers at once unless a test says otherwise. */
const GOOD = { errorRate: 0, declineRate: 0, latencyMs: { min: 0, max: 0 } };

let simulator: BankSimulator | undefined;
afterEach(() => simulator?.close());

async function bankWith(options: ConstructorParameters<typeof BankSimulator>[0]): Promise<Bank> {
  simulator = new BankSimulator(options);
  return connectBank(await simulator.listen());
}

/** Random numbers that are none: the given ones in turn, then the last one for ever. */
function script(...numbers: number[]): () => number {
  return () => (numbers.length > 1 ? numbers.shift() : numbers[0]) ?? 0;
}

describe('the bank behind its policies', () => {
  it('is asked again when it fails', async () => {
    // For each request: its latency, whether it fails, and how (0.9: with 503).
    const bank = await bankWith({ ...GOOD, errorRate: 0.5, random: script(0, 0.1, 0.9, 0, 0.1, 0.9, 0.9) });
    expect(await bank.charge('o1', 100)).toEqual({ approved: true, reason: '' });
  });

  it('is given up with UNAVAILABLE when it fails every time', async () => {
    const bank = await bankWith({ ...GOOD, errorRate: 1, random: script(0.9) });
    await expect(bank.charge('o1', 100)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('is not asked again when it declines', async () => {
    // A second request would be approved.
    const bank = await bankWith({ ...GOOD, declineRate: 0.5, random: script(0, 0.9, 0.1, 0.9) });
    expect(await bank.charge('o1', 100)).toEqual({ approved: false, reason: 'card declined' });
  });

  it('moves the money of a reference once, although its answer got lost', async () => {
    // The first request fails by never answering, after it has declined the card; the second would approve it.
    const bank = await bankWith({ ...GOOD, errorRate: 0.5, declineRate: 0.5, random: script(0, 0.1, 0.1, 0.1, 0.9) });
    expect(await bank.charge('o1', 100)).toEqual({ approved: false, reason: 'card declined' });
  });

  it('holds no more calls than its bulkhead lets it', async () => {
    const bank = await bankWith({ ...GOOD, latencyMs: { min: 200, max: 200 } });
    const calls = await Promise.allSettled(Array.from({ length: 100 }, (_, index) => bank.charge(`o${index}`, 100)));
    const refused = calls.filter((call) => call.status === 'rejected' && String(call.reason).includes('Bulkhead'));
    expect(refused).toHaveLength(20);
  });
});
