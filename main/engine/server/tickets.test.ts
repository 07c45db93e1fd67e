import { expect, it } from 'vitest';
import { Tickets } from './tickets.ts';

it('takes a ticket once', () => {
  const tickets = new Tickets();
  const ticket = tickets.issue();
  expect(tickets.redeem('f'.repeat(64))).toBe(false);
  expect([tickets.redeem(ticket), tickets.redeem(ticket)]).toEqual([true, false]);
});

it('takes none after a minute', () => {
  let nowMs = 0;
  const tickets = new Tickets(() => nowMs);
  const [early, late] = [tickets.issue(), tickets.issue()];
  nowMs = 59_999;
  expect(tickets.redeem(early)).toBe(true);
  nowMs = 60_000;
  expect(tickets.redeem(late)).toBe(false);
});

it('keeps only the newest', () => {
  const tickets = new Tickets();
  const first = tickets.issue();
  const others = Array.from({ length: 16 }, () => tickets.issue());
  expect(tickets.redeem(first)).toBe(false);
  expect(others.every((one) => tickets.redeem(one))).toBe(true);
});
