import { afterEach, describe, expect, it } from 'vitest';
import { ServiceId } from '../../../contract/index.ts';
import { fleetModel, port, serviceSpec } from '../../fleet/model.fixture.ts';
import type { ServiceSpec } from '../../fleet/model.ts';
import { PortPlan } from './port-plan.ts';

const plans: PortPlan[] = [];
async function plan(...services: ServiceSpec[]): Promise<PortPlan> {
  const made = new PortPlan(fleetModel(services), {}, '');
  plans.push(made);
  await made.choose();
  return made;
}
const ref = (service: string, index = 1) => ({ service: ServiceId.parse(service), index });

describe('PortPlan', () => {
  afterEach(async () => {
    for (const made of plans.splice(0)) await made.ports.close();
  });

  it('publishes what nobody publishes on any port of 127.0.0.1', async () => {
    const made = await plan(serviceSpec('a', { ports: [port('http', 7000)], replicas: 2 }));
    const [binding] = made.bindings(ref('a'));
    expect(binding).toMatchObject({ containerPort: 7000, protocol: 'tcp', hostIp: '127.0.0.1' });
    expect(made.reach(ref('a'), 'http')).toEqual({ host: '127.0.0.1', port: binding?.hostPort, proxied: true });
    expect(made.reach(ref('a', 2), '7000')?.port).not.toBe(binding?.hostPort);
  });

  it("honours the file's ports and addresses, and is reached beside a foreign one", async () => {
    const published = (hostIp: string | null, from: number) => ({ hostIp, hostPorts: { from, to: from } });
    const a = serviceSpec('a', {
      ports: [port('http', 80, { published: true, publications: [published('0.0.0.0', 18_080)] })],
    });
    const b = serviceSpec('b', {
      ports: [port('http', 80, { published: true, publications: [published('192.0.2.7', 18_081)] })],
    });
    const made = await plan(a, b);
    expect(made.bindings(ref('a'))).toEqual([
      { containerPort: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 18_080 },
    ]);
    expect(made.bindings(ref('b')).map(({ hostIp }) => hostIp)).toEqual(['192.0.2.7', '127.0.0.1']);
    expect(made.reach(ref('b'), 'http')?.port).not.toBe(18_081);
  });

  it('leads to the listener of a broker that is meant for this machine', async () => {
    const kafka = serviceSpec('kafka', {
      image: 'apache/kafka:4.1.0',
      ports: [port('kafka', 9092, { protocol: 'kafka' })],
    });
    const made = await plan(kafka);
    const listener = made.listener(ref('kafka'));
    expect(listener?.containerPort).toBe(19_094);
    expect(made.reach(ref('kafka'), 'kafka')?.port).toBe(listener?.hostPort);
    expect(made.bindings(ref('kafka')).map(({ containerPort }) => containerPort)).toEqual([9092, 19_094]);
  });

  it('publishes nothing of what has the network of this machine', async () => {
    const own = serviceSpec('a', { ports: [port('http', 80)] });
    const host = { ...own, container: { ...own.container, networkMode: { kind: 'other', mode: 'host' } as const } };
    const made = await plan(host);
    expect(made.bindings(ref('a'))).toEqual([]);
    expect(made.reach(ref('a'), 'http')).toEqual({ host: '127.0.0.1', port: 80 });
  });

  it('publishes what is in the default network of the engine', async () => {
    const own = serviceSpec('a', { ports: [port('http', 80)] });
    const networkMode = { kind: 'other', mode: 'bridge' } as const;
    const made = await plan({ ...own, container: { ...own.container, networkMode } });
    expect(made.bindings(ref('a'))).toMatchObject([{ containerPort: 80 }]);
    expect(made.reach(ref('a'), 'http')?.port).toBe(made.bindings(ref('a'))[0]?.hostPort);
  });

  it('publishes with a service the ports of those that share its network', async () => {
    const owner = serviceSpec('a', { ports: [port('http', 80)], replicas: 2 });
    const shares = (id: string, service: string, number: number) => {
      const networkMode = { kind: 'service', service: ref(service).service } as const;
      const publications = [{ hostIp: null, hostPorts: { from: 18_090, to: 18_090 } }];
      const ports = [port('metrics', number, { published: true, publications })];
      return serviceSpec(id, { ports, container: { ...owner.container, networkMode } });
    };
    const made = await plan(owner, shares('b', 'a', 9100), shares('c', 'b', 80));
    expect(made.bindings(ref('b'))).toEqual([]);
    expect(made.bindings(ref('a')).map(({ containerPort, hostPort }) => [containerPort, hostPort])).toEqual([
      [80, 18_090],
      [9100, 18_090],
    ]);
    expect(made.bindings(ref('a', 2)).map(({ containerPort }) => containerPort)).toEqual([80]);
    expect(made.reach(ref('b'), 'metrics')).toEqual({ host: '127.0.0.1', port: 18_090, proxied: true });
  });

  it('tries a number once that is published by two transports and at two addresses', async () => {
    const at = (hostIp: string | null) => ({ hostIp, hostPorts: { from: 18_053, to: 18_053 } });
    const dns = serviceSpec('dns', {
      ports: [
        port('dns', 53, { published: true, publications: [at('192.0.2.7'), at('127.0.0.1')] }),
        port('53/udp', 53, { protocol: 'udp', published: true, publications: [at('127.0.0.1')] }),
      ],
    });
    const made = await plan(dns);
    expect(made.bindings(ref('dns'))).toHaveLength(3);
    for (const key of made.tried(ref('dns'))) await made.ports.secure(key, dns.id);
    expect(made.tried(ref('dns'))).toHaveLength(1);
  });
});
