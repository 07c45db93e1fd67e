import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ServiceId } from '../../main/contract/index.ts';
import { SessionLinks } from '../../main/engine/fleet/session-links.ts';

test('links that lead elsewhere than before are told of as made anew, so that their faults come back', async () => {
  const home = await mkdtemp(join(tmpdir(), 'flotilla-session-'));
  let remade = 0;
  const links = new SessionLinks({
    home,
    edges: [],
    isAdopted: false,
    onChange: () => undefined,
    onRestart: () => {
      remade += 1;
    },
    onProblem: () => undefined,
  });
  onTestFinished(async () => {
    await links.stop();
    await rm(home, { recursive: true, force: true });
  });
  const [from, to] = [ServiceId.parse('orders'), ServiceId.parse('payments')];
  const wanted = { from, to, containerPort: 80, protocol: 'http', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' };
  await links.open([wanted]);
  await links.current()?.client.addToxic('orders:payments:80', { name: 'f1', type: 'latency' });
  expect(remade).toBe(0);
  const listen = (await links.list())[0]?.listen ?? '';
  await links.open([{ ...wanted, listen, upstream: '127.0.0.1:2' }]);
  expect(await links.current()?.client.links()).toMatchObject([{ upstream: '127.0.0.1:2', toxics: [] }]);
  expect(remade).toBe(1);
});
