import { afterEach, describe, expect, it } from 'vitest';
import { ServiceId } from '../../../contract/index.ts';
import { fleetModel, port, serviceSpec } from '../../fleet/model.fixture.ts';
import type { ServiceSpec } from '../../fleet/model.ts';
import { PortPlan } from './port-plan.ts';

const plans: PortPlan[] = [];
async function plan(...services: ServiceSpec[]): Promise<PortPlan> {
  const made = new PortPlan(fleetModel(services), {});
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
});
