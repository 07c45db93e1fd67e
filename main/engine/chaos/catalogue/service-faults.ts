import type { FaultKind, FaultParameterSpec } from '../../../contract/index.ts';
import { blastRadius, decimal, whole } from './parameters.ts';

const NO_KUBERNETES = 'Fleets do not run on Kubernetes yet.';
const EVERYWHERE: FaultKind['runtimes'] = { process: null, docker: null, kubernetes: NO_KUBERNETES };
const DOCKER_ONLY: FaultKind['runtimes'] = {
  process: 'Only a container has limits and a network of its own. Start the fleet with --runtime docker.',
  docker: null,
  kubernetes: NO_KUBERNETES,
};

/**
 * Linux has no clock of the day for one process or container: time namespaces (time_namespaces(7)) shift only the clocks that count
 * from the start. libfaketime has to be loaded when a program starts, by a dynamic linker, which programs that are linked statically
 * (Go's) have none of. Whether it is installed is looked at when the fault is asked for.
 */
const CLOCK: FaultKind['runtimes'] = {
  process: null,
  docker:
    "The variables of a container are fixed when it is made, and its image has no libfaketime. Put it into the image, with LD_PRELOAD and FAKETIME in the service's environment, or use --runtime process.",
  kubernetes: NO_KUBERNETES,
};

const service = (
  kind: string,
  title: string,
  description: string,
  expect: string,
  more: { parameters?: readonly FaultParameterSpec[]; runtimes?: FaultKind['runtimes']; isMoment?: boolean } = {},
): FaultKind => ({
  kind,
  title,
  description,
  scope: 'service',
  parameters: [...(more.parameters ?? []), ...blastRadius],
  runtimes: more.runtimes ?? EVERYWHERE,
  expect,
  isMoment: more.isMoment ?? false,
});

/** Faults on a service itself, through what runs it. */
export const serviceFaults: readonly FaultKind[] = [
  service(
    'kill',
    'Kill',
    'Ends it at once (SIGKILL). Its restart policy decides what comes then.',
    'It comes back by itself, has lost nothing that it acknowledged, and its callers got by without it.',
    { isMoment: true },
  ),
  service(
    'restart',
    'Restart',
    'Stops it in order and starts it again.',
    'Requests under way are finished, none is lost.',
    {
      isMoment: true,
    },
  ),
  service(
    'stop',
    'Stop',
    'Stops it, and starts it again when the fault ends.',
    'What needs it says so; what can do without goes on; all is well again once it is back.',
  ),
  service(
    'pause',
    'Pause',
    'Stands still: connections stay open and nothing is answered. A consumer that is paused leaves its group, and lag grows.',
    'Callers notice by their timeouts, not by the connection; when it goes on it does not act on what nobody waits for any more.',
  ),
  service(
    'cpu-pressure',
    'Processor pressure',
    'Takes processor time away from it, by programs that run inside its container; with processes, beside it on the same machine.',
    'Answers get slower and stay right; health checks do not end it for being busy.',
    {
      parameters: [
        whole('workers', 'Programs', { min: 1, max: 16, default: 1 }, 'That each keep one core busy.'),
        decimal('loadPercent', 'Load', { unit: '%', min: 1, max: 100, default: 100 }, 'Of a core, by each of them.'),
      ],
    },
  ),
  service(
    'memory-pressure',
    'Memory pressure',
    'Fills memory inside its container; with processes, of the machine that it runs on.',
    'It answers with an error when it cannot allocate, or is ended and comes back.',
    {
      parameters: [
        whole(
          'megabytes',
          'Memory',
          { unit: 'MB', min: 1, max: 65_536, default: 256 },
          'How much is filled (1,000,000 bytes each).',
        ),
      ],
    },
  ),
  service('cpu-limit', 'Processor limit', 'Lets it use only a part of a core.', 'Answers get slower and stay right.', {
    parameters: [decimal('cpus', 'Cores', { min: 0.01, max: 64, default: 0.1 }, 'How many it may use.')],
    runtimes: DOCKER_ONLY,
  }),
  service(
    'memory-limit',
    'Memory limit',
    'Lets it use only so much memory; beyond it the kernel ends it. Docker’s API takes no limit off: a container that had none is ' +
      'shown by docker inspect with one of 4 exbibytes afterwards, more than any machine has, until it is made anew.',
    'It is ended for memory, told as such, and comes back.',
    {
      parameters: [
        whole('megabytes', 'Memory', { unit: 'MB', min: 6, max: 1_048_576, default: 64 }, 'Of 1,000,000 bytes each.'),
      ],
      runtimes: DOCKER_ONLY,
    },
  ),
  service(
    'disconnect',
    'Disconnect',
    'Takes it off its networks, and puts it back with the names and fixed addresses that it had.',
    'To everyone else it is gone without a word; connections break by timeouts.',
    { runtimes: DOCKER_ONLY },
  ),
  service(
    'clock-offset',
    'Clock offset',
    'Restarts it with a clock that shows another time, and again with the right one when the fault ends. Timers run as ever. Needs libfaketime on Linux; programs that are linked statically, as those in Go, do not see it.',
    'Tokens, caches and deadlines bear with a clock that is wrong.',
    {
      parameters: [
        whole(
          'offsetSeconds',
          'Offset',
          { unit: 's', min: -315_360_000, max: 315_360_000, default: 3600 },
          'How far ahead its clock is; negative: behind.',
        ),
      ],
      runtimes: CLOCK,
    },
  ),
];
