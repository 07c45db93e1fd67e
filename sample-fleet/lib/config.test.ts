import { expect, test } from 'vitest';
import { addresses, number, onOff, parseConfig, port, text, url, urls } from './config.ts';

const SHAPE = {
  port: port('PORT', 7000),
  database: url('DATABASE_URL'),
  brokers: addresses('KAFKA_BROKERS'),
  replicas: urls('CATALOG_URL', ['http://catalog:7002']),
  breaker: onOff('CIRCUIT_BREAKER', true),
  rate: number('RATE', { min: 0, max: 200, fallback: 5 }),
  secret: text('SECRET', 'none'),
};

test('reads what is set and falls back for the rest', () => {
  const { values, problems } = parseConfig(SHAPE, {
    DATABASE_URL: 'postgres://a:b@localhost:5432/a',
    KAFKA_BROKERS: 'one:9092, two:9092',
    CATALOG_URL: 'http://a:1/,http://b:2',
    CIRCUIT_BREAKER: 'off',
    RATE: '0',
  });
  expect(problems).toEqual([]);
  expect(values).toEqual({
    port: 7000,
    database: 'postgres://a:b@localhost:5432/a',
    brokers: ['one:9092', 'two:9092'],
    replicas: ['http://a:1', 'http://b:2'],
    breaker: false,
    rate: 0,
    secret: 'none',
  });
});

test('names each variable that is missing or wrong in a sentence', () => {
  const { problems } = parseConfig(SHAPE, { PORT: '70000', KAFKA_BROKERS: 'nowhere', RATE: '201' });
  expect(problems).toEqual([
    'PORT is "70000": it must be a port, 0 to 65535.',
    'DATABASE_URL is not set: set it to a URL.',
    'KAFKA_BROKERS is "nowhere": it must be host:port, several parted by commas.',
    'RATE is "201": it must be a number from 0 to 200.',
  ]);
});
