import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { listeningInodes } from './port-holder.ts';
import { Ports, portRange } from './ports.ts';

const open: { close(): unknown }[] = [];
const ports = (...given: ConstructorParameters<typeof Ports>): Ports => {
  const made = new Ports(...given);
  open.push(made);
  return made;
};
const listen = (port: number): Promise<Server | null> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      open.push(server);
      resolve(server);
    });
  });

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

describe('ports', () => {
  it('lie outside what the system hands out by itself', () => {
    const { first, count } = portRange();
    expect(first).toBeGreaterThan(1023);
    expect(first + count).toBeLessThanOrEqual(65_536);
  });

  it('are held until they are released', async () => {
    const mine = ports();
    await mine.choose('a-1:7000', null);
    const port = mine.of('a-1:7000') ?? 0;
    expect(await listen(port)).toBeNull();
    await mine.release(['a-1:7000']);
    expect(await listen(port)).not.toBeNull();
  });

  it('differ between runs that choose at the same time', async () => {
    const [one, other] = [ports(), ports()];
    await Promise.all([one.choose('a-1:7000', null), other.choose('a-1:7000', null)]);
    expect(one.of('a-1:7000')).not.toBe(other.of('a-1:7000'));
  });

  it('of one engine are not what another tries first while they are free for a moment', async () => {
    const [one, other] = [ports({}, '/home/one'), ports({}, '/home/other')];
    await one.choose('a-1:7000', null);
    await one.release(['a-1:7000']);
    await other.choose('a-1:7000', null);
    expect(other.of('a-1:7000')).not.toBe(one.of('a-1:7000'));
  });

  it('stay what they were after an engine restarted', async () => {
    const first = ports();
    await first.choose('a-1:7000', null);
    first.give('a-1:7000');
    const saved = first.saved();
    await first.close();
    const second = ports(saved);
    await second.choose('a-1:7000', null);
    expect(second.saved()).toEqual(saved);
  });

  it('say so when there are none left', async () => {
    const first = portRange().first + 9000;
    const few = ports({}, '', { first, count: 1 });
    await few.choose('a', null);
    await expect(few.choose('b', null)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('report one that is taken, and none that are free', async () => {
    const mine = ports();
    await mine.choose('a', null);
    await mine.release(['a']);
    expect(await mine.taken(['a'])).toBeNull();
    await listen(mine.of('a') ?? 0);
    expect(await mine.taken(['a'])).toMatchObject({ port: mine.of('a') });
  });
});

it('listeningInodes finds the sockets that listen on a port', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0 20 4 30 10 -1
   2: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 0 100 0 0 10 0
`;
  expect([listeningInodes(table, 8080), listeningInodes(table, 8081), listeningInodes(table, 80)]).toEqual([
    ['111'],
    ['333'],
    [],
  ]);
});
