import { describe, expect, it } from 'vitest';
import { ServiceId } from '../../../contract/index.ts';
import { port, serviceSpec } from '../../fleet/model.fixture.ts';
import { brokerEdges, nameOf } from './kafka-clients.ts';

const KAFKA = 'apache/kafka:4.1.0';

function broker(id: string, variables: Record<string, string> = {}, image = KAFKA) {
  const environment = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, { value, source: 'compose' }] as const),
  );
  return serviceSpec(id, { image, environment, ports: [port('kafka', 9092, { protocol: 'kafka' })] });
}
const edge = (from: string, to: string, containerPort = 9092, protocol = 'kafka') => ({
  from: ServiceId.parse(from),
  to: ServiceId.parse(to),
  containerPort,
  protocol,
});
const always = () => true;
const told = (edges: ReturnType<typeof brokerEdges>) =>
  edges.map((one) => `${nameOf(one)} ${one.listener?.name ?? '-'} ${one.listener?.containerPort ?? '-'}`);

describe('brokerEdges', () => {
  it('gives every client of a broker a listener of its own', () => {
    const services = [broker('kafka'), serviceSpec('orders'), serviceSpec('gateway')];
    const edges = [edge('orders', 'kafka'), edge('gateway', 'kafka'), edge('gateway', 'orders', 7004, 'http')];
    expect(told(brokerEdges(services, edges, always))).toEqual([
      'gateway:orders:7004 - -',
      'orders:kafka:9092 LINK_1 19095',
      'gateway:kafka:9092 LINK_2 19096',
    ]);
  });

  it('leaves brokers of images that we do not know', () => {
    const services = [broker('kafka', {}, 'redpandadata/redpanda'), serviceSpec('orders')];
    expect(brokerEdges(services, [edge('orders', 'kafka')], always)).toEqual([]);
  });

  it('leaves listeners that are secured, those of controllers, and brokers among themselves', () => {
    const variables = {
      KAFKA_LISTENERS: 'IN://:29092,OUT://:9092,CONTROLLER://:9093',
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'IN:PLAINTEXT,OUT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
    };
    const services = [broker('a', variables), broker('b'), serviceSpec('orders')];
    const edges = [edge('orders', 'a'), edge('orders', 'a', 9093), edge('b', 'a', 29_092), edge('orders', 'a', 29_092)];
    expect(told(brokerEdges(services, edges, always))).toEqual(['orders:a:29092 LINK_1 19095']);
  });

  it('takes what is no listener for any other port', () => {
    const services = [broker('kafka'), serviceSpec('monitor')];
    const found = brokerEdges(services, [edge('monitor', 'kafka', 9999, 'tcp')], always);
    expect(told(found)).toEqual(['monitor:kafka:9999 - -']);
  });

  it('links a client to all brokers of a cluster by one name, or to none', () => {
    const variables = (own: string) => ({
      KAFKA_LISTENERS: `PLAINTEXT://:${own},CONTROLLER://:9093`,
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@a:9093,2@b:9093',
    });
    const services = [
      broker('a', variables('9092')),
      broker('b', variables('29092')),
      broker('alone'),
      serviceSpec('x'),
    ];
    const edges = [edge('x', 'a')];
    expect(told(brokerEdges(services, edges, always))).toEqual(['x:a:9092 LINK_1 19095', 'x:b:29092 LINK_1 19095']);
    expect(brokerEdges(services, edges, (_from, to) => to !== 'b')).toEqual([]);
  });
});
