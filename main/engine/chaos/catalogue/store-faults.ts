import type { FaultKind, FaultParameterSpec, FaultScope } from '../../../contract/index.ts';
import { text, whole } from './parameters.ts';

const store = (
  kind: string,
  scope: FaultScope,
  title: string,
  description: string,
  parameters: readonly FaultParameterSpec[],
  expect: string,
  isMoment = false,
): FaultKind => ({
  kind,
  title,
  description,
  scope,
  parameters: [...parameters],
  runtimes: { process: null, docker: null, kubernetes: 'Fleets do not run on Kubernetes yet.' },
  expect,
  isMoment,
});

/** Faults inside databases, caches and brokers, as one of their clients. */
export const storeFaults: readonly FaultKind[] = [
  store(
    'postgres-connections',
    'postgres',
    'Connections exhausted',
    'Holds every connection that the server has left.',
    [whole('leave', 'Leave', { min: 0, max: 1000, default: 0 }, 'How many are left for others.')],
    'Services work on with the connections that they have, and report that they get no more.',
  ),
  store(
    'postgres-lock',
    'postgres',
    'Locked table',
    'Holds an exclusive lock on a table.',
    [
      text('database', 'Database', null, 'Where the table is.'),
      text('table', 'Table', null, 'Its name, with its schema where that is not public.'),
    ],
    'Statements on it give up by a timeout; those on other tables go on.',
  ),
  store(
    'kafka-flood',
    'kafka',
    'Flooded topic',
    'Writes messages that nobody asked for.',
    [
      text('topic', 'Topic', null, 'Where they go.'),
      whole('messagesPerSecond', 'Rate', { unit: '/s', min: 1, max: 100_000, default: 1000 }, 'How many a second.'),
      whole('sizeBytes', 'Size', { unit: 'B', min: 1, max: 100_000, default: 200 }, 'Of each.'),
    ],
    'Consumers put aside what they do not understand, and work off the lag when it ends.',
  ),
  store(
    'redis-expire',
    'redis',
    'Expired keys',
    'Lets keys expire at once.',
    [text('pattern', 'Keys like', '*', '* stands for any text.')],
    'What was cached is fetched anew, without all of it at the same moment.',
    true,
  ),
];
