import type { IconName } from '../ui/icon.tsx';

export interface View {
  readonly path: '/topology' | '/services' | '/logs' | '/traces' | '/kafka' | '/data' | '/chaos' | '/terminal';
  readonly name: string;
  readonly icon: IconName;
  /** What to press to go there. */
  readonly keys: string;
  readonly about: string;
}

/** The views of the rail, the palette and the shortcuts, in order. */
export const VIEWS: readonly View[] = [
  { path: '/topology', name: 'Topology', icon: 'topology', keys: 'g t', about: 'Who calls whom, how often, how fast' },
  { path: '/services', name: 'Services', icon: 'services', keys: 'g s', about: 'State, health, memory, actions' },
  { path: '/logs', name: 'Logs', icon: 'logs', keys: 'g l', about: 'What the services write, live' },
  { path: '/traces', name: 'Traces', icon: 'traces', keys: 'g r', about: 'One request across services' },
  { path: '/kafka', name: 'Kafka', icon: 'kafka', keys: 'g k', about: 'Topics, groups, messages' },
  { path: '/data', name: 'Data', icon: 'database', keys: 'g d', about: 'Tables, keys and queues, read-only' },
  {
    path: '/chaos',
    name: 'Chaos',
    icon: 'chaos',
    keys: 'g c',
    about: 'What is broken on purpose, the catalogue of faults, experiments and their runs',
  },
  {
    path: '/terminal',
    name: 'Terminal',
    icon: 'terminal',
    keys: 'g e',
    about: 'A shell in the environment of a service',
  },
];
