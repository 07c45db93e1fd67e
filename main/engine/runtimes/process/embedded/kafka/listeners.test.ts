import { expect, test } from 'vitest';
import { readAdvertised, readClientListeners } from './listeners.ts';

test('each client has a listener that tells it the address it came by', () => {
  expect(readClientListeners({ KAFKA_CLIENT_LISTENERS: '20001=127.0.0.1:20002, 20003=[::1]:20004' })).toEqual([
    { port: 20_001, advertised: { host: '127.0.0.1', port: 20_002 } },
    { port: 20_003, advertised: { host: '::1', port: 20_004 } },
  ]);
  expect(readClientListeners({})).toEqual([]);
});

test.each(['20001', '20001=', '20001=host', 'x=host:1'])('%j is refused', (text) => {
  expect(() => readClientListeners({ KAFKA_CLIENT_LISTENERS: text })).toThrow(/must be PORT=host:port/);
});

test('the advertised address is read with and without a listener name', () => {
  expect(readAdvertised({ KAFKA_ADVERTISED_LISTENER: 'PLAINTEXT://kafka:9092' })).toEqual({
    host: 'kafka',
    port: 9092,
  });
  expect(readAdvertised({ KAFKA_ADVERTISED_LISTENER: 'kafka:9092' })).toEqual({ host: 'kafka', port: 9092 });
  expect(readAdvertised({})).toBeUndefined();
  expect(() => readAdvertised({ KAFKA_ADVERTISED_LISTENER: 'kafka' })).toThrow(/must be host:port/);
});
