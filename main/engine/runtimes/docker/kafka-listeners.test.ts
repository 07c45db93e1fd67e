import { describe, expect, it } from 'vitest';
import { isKafkaBroker, listenerPort, withFlotillaListener } from './kafka-listeners.ts';

describe('withFlotillaListener', () => {
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

it('uses a port that nothing else speaks of', () => {
  expect(listenerPort({ KAFKA_LISTENERS: 'A://:19094,B://:19095' })).toBe(19_096);
});

it.each([
  ['apache/kafka:4.1.0', true],
  ['docker.io/confluentinc/cp-kafka:7.8.0', true],
  ['bitnami/kafka', true],
  ['someone/kafka-ui', false],
  ['apache/kafka-connect:1', false],
])('%s is a broker: %s', (image, expected) => {
  expect(isKafkaBroker({ image })).toBe(expected);
});
