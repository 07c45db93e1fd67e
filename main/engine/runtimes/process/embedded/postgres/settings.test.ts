import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

test('the variables of the public image, and its defaults', () => {
  expect(readSettings({}, [])).toEqual({
    port: 0,
    dataDir: null,
    user: 'postgres',
    password: 'postgres',
    database: 'postgres',
    trustsAll: false,
    initDir: null,
    configuration: {},
    ignored: [],
  });
  expect(readSettings({ POSTGRES_USER: 'shop', POSTGRES_HOST_AUTH_METHOD: 'trust', PORT: '1' }, [])).toMatchObject({
    port: 1,
    user: 'shop',
    database: 'shop',
    trustsAll: true,
  });
  expect(() => readSettings({ PORT: 'x' }, [])).toThrow('PORT is x, which is no port');
});

test('a command line: settings are taken, but not those that this program needs for itself', () => {
  const words = [
    'postgres',
    '-c',
    'max_connections=300',
    '--work-mem=8MB',
    '-clog_min_duration_statement=0',
    '-c',
    'port=1',
    '-N',
    '5',
  ];
  expect(readSettings({}, words)).toMatchObject({
    configuration: { max_connections: '300', work_mem: '8MB', log_min_duration_statement: '0' },
    ignored: ['-c port=1', '-N', '5'],
  });
});
