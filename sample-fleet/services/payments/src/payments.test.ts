import { beforeEach, expect, test, vi } from 'vitest';
import { RpcError } from '../../../lib/grpc.ts';
import type { Queryable } from '../../../lib/postgres.ts';
import type { Bank, BankAnswer } from './bank.ts';
import { charge, refund } from './payments.ts';

const counted = vi.hoisted(() => new Map<string, unknown[]>());
vi.mock('../../../lib/metrics.ts', () => ({
  counter: (name: string) => ({
    add: (_by: number, attributes: unknown) => counted.set(name, [...(counted.get(name) ?? []), attributes]),
  }),
}));

const YES: BankAnswer = { approved: true, reason: '' };
const unanswered = new RpcError('UNAVAILABLE', 'the bank gave no answer');
const request = { idempotencyKey: 'charge-o1', orderId: 'o1', customerId: 'ann', amountCents: 100 };

/** The order's charge as the database has it, which a test may change while the bank is at work. */
let row: { charge_id: string; status: string; reason: string };

const db = {
  async query(sql: string, values: unknown[] = []) {
    if (sql.includes('idempotency_keys')) return { rows: [], rowCount: 1 };
    if (sql.startsWith('INSERT INTO charges') && sql.includes("'void'")) row.status = 'refunding';
    if (sql.startsWith('UPDATE charges') && sql.includes("'refunding'")) {
      Object.assign(row, { status: 'refunding', reason: values[1] });
    } else if (sql.startsWith('UPDATE charges')) {
      if (row.status !== values[1]) return { rows: [], rowCount: 0 };
      Object.assign(row, { status: values[2], reason: values[3] });
    }
    return { rows: [{ ...row }], rowCount: 1 };
  },
} as unknown as Queryable;

/** A bank whose charge takes so long that the order is refunded meanwhile. */
function slowBank(refunds: () => Promise<BankAnswer>): Bank {
  return {
    async charge() {
      row.status = 'refunded';
      return YES;
    },
    refund: refunds,
  };
}

beforeEach(() => {
  counted.clear();
  row = { charge_id: 'chg-1', status: 'charging', reason: '' };
});

test('what an overtaken charge has moved goes back', async () => {
  const back = vi.fn(async () => YES);
  expect(await charge(db, slowBank(back), request)).toMatchObject({ charged: false });
  expect(back).toHaveBeenCalledWith('o1');
  expect([row.status, counted.get('payments.refunds_failed')]).toEqual(['refunded', undefined]);
});

test.each([
  ['refuses', async () => ({ approved: false, reason: 'account closed' }), 'refused', 'account closed'],
  ['does not answer', () => Promise.reject(unanswered), 'unanswered', 'no answer'],
])(
  'a bank that %s to give back an overtaken charge is counted, and the order is not held to be settled',
  async (_, answer, outcome, reason) => {
    await expect(charge(db, slowBank(answer), request)).rejects.toThrow(reason);
    expect(counted.get('payments.refunds_failed')).toEqual([{ outcome }]);
    expect(row).toMatchObject({ status: 'refunding', reason: expect.stringContaining(reason) });
    // It can be tried again.
    expect(
      await refund(
        db,
        slowBank(async () => YES),
        { idempotencyKey: 'again', orderId: 'o1' },
      ),
    ).toEqual({
      refunded: true,
    });
    expect(row.status).toBe('refunded');
  },
);

test('a refund that the bank refuses is not told as one', async () => {
  const bank = slowBank(async () => ({ approved: false, reason: 'account closed' }));
  const asked = refund(db, bank, { idempotencyKey: 'refund-o1', orderId: 'o1' });
  await expect(asked).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
  expect([row.status, counted.get('payments.refunds_failed')]).toEqual(['refunding', [{ outcome: 'refused' }]]);
});
