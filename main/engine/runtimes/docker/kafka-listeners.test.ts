import { describe, expect, it } from 'vitest';
import {
  clusterOf,
  isKafkaBroker,
  listenerPort,
  listenerPorts,
  ownListeners,
  withListeners,
} from './kafka-listeners.ts';

const withFlotillaListener = (environment: Record<string, string>, containerPort: number, hostPort: number) =>
  withListeners(environment, [{ name: 'FLOTILLA', containerPort, advertised: `127.0.0.1:${hostPort}` }]);

describe('withListeners', () => {
  it('adds a listener that is advertised on this machine, and leaves the others', () => {
    const environment = {
      KAFKA_NODE_ID: '1',
      KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
      KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://kafka:9092',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    };
    expect(withFlotillaListener(environment, 19_094, 20_123)).toEqual({
      ...environment,
      KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093,FLOTILLA://:19094',
      KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://kafka:9092,FLOTILLA://127.0.0.1:20123',
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,FLOTILLA:PLAINTEXT',
    });
  });

  it('advertises what only listens as it is, but for the controller', () => {
    const made = withFlotillaListener({ KAFKA_LISTENERS: 'PLAINTEXT://kafka:9092,CONTROLLER://kafka:9093' }, 1, 2);
    expect(made.KAFKA_ADVERTISED_LISTENERS).toBe('PLAINTEXT://kafka:9092,FLOTILLA://127.0.0.1:2');
    expect(made.KAFKA_LISTENER_SECURITY_PROTOCOL_MAP).toMatch(/CONTROLLER:PLAINTEXT.*,FLOTILLA:PLAINTEXT$/);
  });

  it('listens where only is said what is advertised, as the images do', () => {
    const made = withFlotillaListener({ KAFKA_ADVERTISED_LISTENERS: 'A://kafka:29092,B://localhost:9092' }, 1, 2);
    expect(made.KAFKA_LISTENERS).toBe('A://0.0.0.0:29092,B://0.0.0.0:9092,FLOTILLA://:1');
  });

  it("speaks Bitnami's names where the file does", () => {
    const made = withFlotillaListener({ KAFKA_CFG_LISTENERS: 'PLAINTEXT://:9092' }, 1, 2);
    expect(made.KAFKA_CFG_LISTENERS).toBe('PLAINTEXT://:9092,FLOTILLA://:1');
    expect(Object.keys(made).every((name) => name.startsWith('KAFKA_CFG_'))).toBe(true);
  });

  it('makes one node of a broker that is told nothing', () => {
    const made = withFlotillaListener({}, 19_094, 20_123);
    expect(made).toMatchObject({ KAFKA_PROCESS_ROLES: 'broker,controller', KAFKA_NODE_ID: '1' });
    expect(made.KAFKA_LISTENERS).toBe('PLAINTEXT://:9092,CONTROLLER://:9093,FLOTILLA://:19094');
  });

  it('does nothing twice', () => {
    const once = withFlotillaListener({}, 19_094, 20_123);
    expect(withFlotillaListener(once, 19_094, 20_123)).toEqual(once);
  });
});

it('adds a listener for every client, at the address of its link', () => {
  const made = withListeners({}, [
    { name: 'FLOTILLA', containerPort: 19_094, advertised: '127.0.0.1:20001' },
    { name: 'LINK_1', containerPort: 19_095, advertised: '172.18.0.1:20002' },
  ]);
  expect(made.KAFKA_LISTENERS).toBe('PLAINTEXT://:9092,CONTROLLER://:9093,FLOTILLA://:19094,LINK_1://:19095');
  expect(made.KAFKA_ADVERTISED_LISTENERS).toBe(
    'PLAINTEXT://:9092,FLOTILLA://127.0.0.1:20001,LINK_1://172.18.0.1:20002',
  );
  expect(made.KAFKA_LISTENER_SECURITY_PROTOCOL_MAP).toMatch(/,FLOTILLA:PLAINTEXT,LINK_1:PLAINTEXT$/);
});

it('reads the listeners that a broker has, with how they are secured', () => {
  const environment = {
    KAFKA_LISTENERS: 'INSIDE://:29092, OUTSIDE://0.0.0.0:9092,CTRL://kafka:9093',
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CTRL',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'INSIDE:PLAINTEXT, OUTSIDE:SASL_SSL',
  };
  expect(ownListeners(environment)).toEqual([
    { name: 'INSIDE', port: 29_092, security: 'PLAINTEXT', isController: false },
    { name: 'OUTSIDE', port: 9092, security: 'SASL_SSL', isController: false },
    { name: 'CTRL', port: 9093, security: null, isController: true },
  ]);
  expect(ownListeners({ KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://kafka:9092' })).toEqual([
    { name: 'PLAINTEXT', port: 9092, security: 'PLAINTEXT', isController: false },
  ]);
});

it('knows brokers of one cluster', () => {
  expect(clusterOf({ KAFKA_CFG_CONTROLLER_QUORUM_VOTERS: '1@a:9093,2@b:9093' })).toBe('1@a:9093,2@b:9093');
  expect(clusterOf({ KAFKA_ZOOKEEPER_CONNECT: 'zookeeper:2181' })).toBe('zookeeper:2181');
  expect(clusterOf({ KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093' })).toBeNull();
  expect(clusterOf({})).toBeNull();
});

it('uses ports that nothing else speaks of', () => {
  expect(listenerPorts({ KAFKA_LISTENERS: 'A://:19095' }, 3)).toEqual([19_094, 19_096, 19_097]);
  expect(listenerPort({ KAFKA_LISTENERS: 'A://:19094,B://:19095' })).toBe(19_096);
});

it.each([
  ['apache/kafka:4.1.0', true],
  ['docker.io/confluentinc/cp-kafka:7.8.0', true],
  ['bitnami/kafka', true],
  ['someone/kafka-ui', false],
  ['apache/kafka-connect:1', false],
])('%s is a broker: %s', (image, expected) => {
  expect(isKafkaBroker({ image, environment: {} })).toBe(expected);
});

it('takes a controller that is no broker for none', () => {
  const environment = { KAFKA_PROCESS_ROLES: { value: 'controller', source: 'compose' } } as const;
  expect(isKafkaBroker({ image: 'apache/kafka:4.1.0', environment })).toBe(false);
});
