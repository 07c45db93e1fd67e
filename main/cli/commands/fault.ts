import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../client/index.ts';
import {
  type ApiInput,
  type FaultKind,
  type FaultParameterSpec,
  type FaultParameters,
  type FaultPreview,
  type FaultView,
  FlotillaError,
  MOST_FAULT_SECONDS,
  type RuntimeKind,
} from '../../contract/index.ts';
import { withEngine } from '../context.ts';
import { parseFaultTarget } from '../fault-target.ts';
import { durationUpTo, jsonOption } from '../options.ts';
import { note, paint, print, table } from '../output.ts';

interface AddOptions {
  readonly param: FaultParameters;
  readonly for?: number;
  readonly untilRemoved: boolean;
  readonly preview: boolean;
  readonly json: boolean;
}

/** `name=value`, collected. */
function parameter(text: string, before: FaultParameters): FaultParameters {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Give name=value, such as latencyMs=2000.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function targetText({ target }: FaultView): string {
  if (target.kind === 'service')
    return `${target.service}${target.instance === undefined ? '' : `-${target.instance}`}`;
  return `${target.from}->${target.to}${target.port === undefined ? '' : `:${target.port}`}`;
}

function parametersText(parameters: FaultParameters): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '');
  return given.map(([name, value]) => `${name}=${value}`).join(' ');
}

function leftText({ until }: FaultView): string {
  if (until === null) return 'until it is removed';
  return `${Math.max(0, Math.ceil((Date.parse(until) - Date.now()) / 1000))} s`;
}

function listText(faults: readonly FaultView[], isBlocked: boolean): string {
  const blocked = isBlocked ? ['Faults are stopped. Allow new ones with: flotilla fault release'] : [];
  if (faults.length === 0) return ['No fault is on.', ...blocked].join('\n');
  const rows = table(faults, [
    { title: 'id', value: (one) => one.id },
    { title: 'kind', value: (one) => one.kind },
    { title: 'target', value: targetText },
    { title: 'state', value: (one) => one.state },
    { title: 'left', align: 'right', value: leftText },
    { title: 'parameters', value: (one) => parametersText(one.parameters) },
  ]);
  const why = faults.filter((one) => one.problem).map((one) => `${paint('yellow', one.id)}: ${one.problem}`);
  return [rows, ...why, ...blocked].join('\n');
}

const SCOPES: Readonly<Record<FaultKind['scope'], string>> = {
  edge: 'an edge (FROM->TO or FROM:TO:PORT)',
  service: 'a service, or one copy of it (SERVICE-1)',
  postgres: 'a PostgreSQL service',
  kafka: 'a Kafka service',
  redis: 'a Redis service',
};

function boundsText({ type, unit, min, max, choices, default: initial }: FaultParameterSpec): string {
  const what =
    type === 'choice'
      ? choices.join(' | ')
      : type === 'text'
        ? 'text'
        : `${min} to ${max}${unit === null ? '' : ` ${unit}`}`;
  return `${what}${initial === null ? ', required' : initial === '' ? '' : `, default ${initial}`}`;
}

function kindText(kind: FaultKind, runtime: RuntimeKind | null): string {
  const rows = kind.parameters.map((one) => `    ${one.name}  ${boundsText(one)}: ${one.description}`);
  const impossible = runtime === null ? null : kind.runtimes[runtime];
  const why = impossible === null ? [] : [`  ${paint('yellow', 'Not here')}: ${impossible}`];
  return [
    `${paint('bold', kind.kind)}  ${kind.description}`,
    `  On ${SCOPES[kind.scope]}.${kind.isMoment ? ' It happens once.' : ''}`,
    ...rows,
    ...why,
    `  Expect: ${kind.expect}`,
  ].join('\n');
}

function previewText(preview: FaultPreview): string {
  const lines = preview.edges.map(({ from, to, requestsPerSecond: rate }) => {
    const seen = rate === null ? 'no requests were seen' : `${Number(rate.toFixed(1))} requests/s`;
    return `  ${from}->${to}  ${seen}`;
  });
  return [preview.summary, ...lines].join('\n');
}

async function add(client: Client, kind: string, target: string, options: AddOptions): Promise<void> {
  const { fleet } = await client.call('engine.state', undefined);
  if (fleet === null) throw new FlotillaError('FLEET_NOT_LOADED');
  const services = fleet.services.map((one) => one.id);
  const request: ApiInput<'fault.add'> = {
    kind,
    target: parseFaultTarget(target, services),
    parameters: options.param,
    ...(options.untilRemoved ? { forSeconds: null } : {}),
    ...(options.for === undefined ? {} : { forSeconds: options.for / 1000 }),
  };
  if (options.preview) {
    const preview = await client.call('fault.preview', request);
    print(options.json, preview, () => previewText(preview));
    return;
  }
  const fault = await client.call('fault.add', request);
  print(options.json, fault, () => addedText(fault));
}

function addedText(fault: FaultView): string {
  const place = `${fault.kind} on ${targetText(fault)}`;
  if (fault.until === null) return `${fault.id}: ${place}.`;
  return `${fault.id}: ${place} until ${fault.until.slice(11, 19)} UTC. Take it off with: flotilla fault remove ${fault.id}`;
}

function addAdd(fault: Command): void {
  fault
    .command('add <kind> <target>')
    .description('put a fault on; it ends by itself after 60 s where nothing else is said')
    .addHelpText(
      'after',
      [
        '',
        'Targets: orders->payments or orders:payments is every call of orders to payments, orders:payments:7106 those',
        'to one port; orders is a service, orders-2 its second copy. flotilla fault kinds lists kinds and parameters.',
        'Example: flotilla fault add http-delay orders:payments --param latencyMs=2000 --param percent=50 --for 30s',
      ].join('\n'),
    )
    .addOption(
      new Option('--param <name=value>', 'a parameter of the fault; once for each')
        .argParser(parameter)
        .default({}, 'none'),
    )
    .addOption(
      new Option('--for <duration>', 'ends by itself after so long: 30s, 5m; at most 24h').argParser(
        durationUpTo(MOST_FAULT_SECONDS * 1000, '24h; with --until-removed it does not end by itself'),
      ),
    )
    .addOption(
      new Option('--until-removed', 'does not end by itself, only by remove or stop').default(false).conflicts('for'),
    )
    .addOption(new Option('--preview', 'only say what it would touch').default(false))
    .addOption(jsonOption())
    .action((kind: string, target: string, options: AddOptions) =>
      withEngine((client) => add(client, kind, target, options)),
    );
}

/** As the default, `list` is given every word that is no command, and would complain of too many arguments. */
function refuseUnknown(fault: Command, list: Command): void {
  const [word] = list.args;
  if (word === undefined) return;
  const known = fault.commands.map((one) => one.name()).join(', ');
  list.error(
    fault.args[0] === list.name()
      ? `error: list takes no argument, and ${word} is one`
      : `error: unknown command '${word}'. It is one of: ${known}.`,
  );
}

function addLists(fault: Command): void {
  fault
    .command('list', { isDefault: true })
    .description('the faults that are on')
    .allowExcessArguments()
    .addOption(jsonOption())
    .action(({ json }: { json: boolean }, command: Command) => {
      refuseUnknown(fault, command);
      return withEngine(async (client) => {
        const { chaos } = await client.call('engine.state', undefined);
        print(json, chaos.faults, () => listText(chaos.faults, chaos.isBlocked));
      });
    });
  fault
    .command('kinds [kind]')
    .description('every fault there is: what it does, on what, with which parameters, and what to expect')
    .addOption(jsonOption())
    .action((wanted: string | undefined, { json }: { json: boolean }) =>
      withEngine(async (client) => {
        const [kinds, { fleet }] = await Promise.all([
          client.call('fault.kinds', undefined),
          client.call('engine.state', undefined),
        ]);
        const found = kinds.filter(({ kind }) => kind === (wanted ?? kind));
        const known = kinds.map(({ kind }) => kind).join(', ');
        if (found.length === 0) throw new FlotillaError('FAULT_UNKNOWN', { kind: wanted ?? '', known });
        print(json, found, () => found.map((one) => kindText(one, fleet?.runtime ?? null)).join('\n\n'));
      }),
    );
}

function addEnds(fault: Command): void {
  fault
    .command('remove <id>')
    .description('take a fault off')
    .action((id: string) =>
      withEngine(async (client) => {
        await client.call('fault.remove', { id });
        note(`${id} is off.`);
      }),
    );
  fault
    .command('stop')
    .description('take every fault off, end a running experiment, and refuse new faults until they are released')
    .action(() =>
      withEngine(async (client) => {
        await client.call('fault.stop', undefined);
        note('Every fault is off. Allow new ones with: flotilla fault release');
      }),
    );
  fault
    .command('release')
    .description('allow new faults again after stop')
    .action(() =>
      withEngine(async (client) => {
        await client.call('fault.release', undefined);
        note('New faults can be put on.');
      }),
    );
}

export function addFault(program: Command): void {
  const fault = program.command('fault').description('break calls and services on purpose, for a time');
  addLists(fault);
  addAdd(fault);
  addEnds(fault);
}
