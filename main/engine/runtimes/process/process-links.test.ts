import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { FlotillaError, linkName, ServiceId } from '../../../contract/index.ts';
import { fleetModel, port, serviceSpec } from '../../fleet/model.fixture.ts';
import { Ports } from '../ports/ports.ts';
import type { LinkEdge, RunLinks, WantedLink } from '../runtime.ts';
import { ProcessLinks, portKey } from './process-links.ts';

const web = ServiceId.parse('web');
const api = ServiceId.parse('api');
const kafka = ServiceId.parse('kafka');
const model = fleetModel([
  serviceSpec('web'),
  serviceSpec('api', { replicas: 2, ports: [port('http', 80)] }),
  serviceSpec('kafka', { image: 'apache/kafka:4.1.0', ports: [port('kafka', 9092, { protocol: 'kafka' })] }),
]);
const edges: LinkEdge[] = [
  { from: web, to: api, containerPort: 80, protocol: 'http' },
  { from: web, to: kafka, containerPort: 9092, protocol: 'kafka' },
];

const cleanUp: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0)) await clean();
});

async function chosenPorts(): Promise<Ports> {
  const ports = new Ports();
  cleanUp.push(() => ports.close());
  for (const key of [portKey('api-1', 80), portKey('api-2', 80), portKey('kafka-1', 9092)])
    await ports.choose(key, null);
  return ports;
}

/** Links that listen where they are asked to, unless `refuse` throws. */
function fakeLinks(refuse: (wanted: readonly WantedLink[], time: number) => Promise<void> = async () => {}) {
  const asked: (readonly WantedLink[])[] = [];
  const links: RunLinks = {
    edges,
    async open(wanted) {
      asked.push(wanted);
      await refuse(wanted, asked.length);
      return new Map(wanted.map((one) => [linkName(one.from, one.to, one.containerPort), one.listen]));
    },
  };
  return { links, asked };
}

test('a link leads to every copy; that to the embedded broker to a port that tells its address', async () => {
  const ports = await chosenPorts();
  const { links, asked } = fakeLinks();
  const linked = new ProcessLinks(model, links, ports);
  await linked.open();
  const [toApi, toKafka] = asked[0] ?? [];
  const copies = [1, 2].map((index) => `127.0.0.1:${ports.of(portKey(`api-${index}`, 80))}`);
  expect(toApi?.upstream).toBe(copies.join(','));
  expect(linked.address(web, api, 80)).toBe(toApi?.listen);
  expect(linked.address(api, web, 80)).toBeNull();

  const own = ports.of(portKey('kafka-1', 9092));
  const listener = Number(toKafka?.upstream.split(':')[1]);
  expect(listener).not.toBe(own);
  const broker = { service: kafka, index: 1 };
  expect(linked.variables(broker)).toEqual({ KAFKA_CLIENT_LISTENERS: `${listener}=${toKafka?.listen}` });
  expect(linked.portKeys(broker).map((key) => ports.of(key))).toEqual([listener]);
  expect(linked.variables({ service: api, index: 1 })).toEqual({});
});

test('the next engine asks for the same addresses', async () => {
  const ports = await chosenPorts();
  const first = fakeLinks();
  await new ProcessLinks(model, first.links, ports).open();
  const next = fakeLinks();
  await new ProcessLinks(model, next.links, new Ports(ports.saved())).open();
  expect(next.asked).toEqual(first.asked);
});

test('another port is chosen where somebody took the one for a link in between', async () => {
  const ports = await chosenPorts();
  const { links, asked } = fakeLinks(async ([one], time) => {
    if (time > 1) return;
    const stranger: Server = createServer().listen(Number(one?.listen.split(':')[1]), '127.0.0.1');
    await once(stranger, 'listening');
    cleanUp.push(() => stranger.close());
    throw new FlotillaError('LINKS_REFUSED', { detail: 'address already in use' });
  });
  const linked = new ProcessLinks(model, links, ports);
  await linked.open();
  expect(asked).toHaveLength(2);
  expect(asked[1]?.[0]?.listen).not.toBe(asked[0]?.[0]?.listen);
  expect(linked.address(web, api, 80)).toBe(asked[1]?.[0]?.listen);
});

test('links that cannot be are told', async () => {
  const ports = await chosenPorts();
  const { links, asked } = fakeLinks(async () => {
    throw new FlotillaError('LINKS_FAILED', { detail: 'it is not built' });
  });
  await expect(new ProcessLinks(model, links, ports).open()).rejects.toThrow('it is not built');
  expect(asked).toHaveLength(1);
});
