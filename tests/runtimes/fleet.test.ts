import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyEngineChange, type EngineState, type NewLogRecord, ServiceId } from '../../main/contract/index.ts';
import { createFleet, type Fleet, savedOtlp } from '../../main/engine/fleet/index.ts';
import { processRuntime } from '../../main/engine/runtimes/index.ts';
import { bundle } from './bundle.ts';
import { eventually, processRuns } from './harness.ts';

const program = join(import.meta.dirname, 'programs/service.mjs');
const signal = new AbortController().signal;
const id = (service: string) => ServiceId.parse(service);

const COMPOSE = `
name: bench
x-flotilla:
  dial: { service: knob, port: http, path: /rate, unit: things/s, min: 0, max: 200 }
services:
  base:
    image: bench/base
    command: [node, '${program}']
    restart: unless-stopped
    environment: { MODE: serve, DATABASE_PASSWORD: hush }
    x-flotilla: &web
      ports: [{ name: http, port: 7000, protocol: http, env: PORT }]
      health: { http: { port: http, path: / } }
  knob:
    image: bench/knob
    command: [node, -e, "\${KNOB}"]
    environment: { RATE: "\${TRAFFIC:-5}", BASE: "http://base:7000" }
    depends_on: { base: { condition: service_healthy } }
    x-flotilla: *web
  job:
    image: bench/job
    command: [sh, -c, "echo done"]
`;
const KNOB = `let rate = Number(process.env.RATE);
require('http').createServer((q, s) => { let b = ''; q.on('data', (d) => { b += d; });
q.on('end', () => { if (q.method === 'PUT') rate = JSON.parse(b).rate; s.end(JSON.stringify({ rate })); });
}).listen(Number(process.env.PORT), '127.0.0.1');`.replace(/\n/g, ' ');

describe('a fleet on processes', () => {
  let home: string;
  let file: string;
  const fleets: Fleet[] = [];
  const engines: ChildProcess[] = [];

  beforeEach(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-fleet-'));
    home = join(folder, 'home');
    file = join(folder, 'compose.yaml');
    await writeFile(file, COMPOSE);
    await writeFile(join(folder, '.env'), `KNOB='${KNOB.replaceAll("'", '"')}'\n`);
  });
  afterEach(async () => {
    for (const engine of engines.splice(0)) engine.kill('SIGKILL');
    for (const fleet of fleets.splice(0)) await fleet.close({ stopFleet: true });
    await rm(join(home, '..'), { recursive: true, force: true });
  });

  /** A fleet, and what a client makes of the changes that it tells. */
  function open() {
    const logs: NewLogRecord[] = [];
    const told: { state: EngineState } = {
      state: {
        engine: { pid: 1, version: '0', url: '', startedAt: '' },
        otlp: { http: '', grpc: '' },
        links: null,
        chaos: { faults: [], isBlocked: false, experiment: null },
        fleet: null,
        marks: [],
        problems: [],
      },
    };
    const fleet = createFleet({
      home,
      runtimes: [processRuntime()],
      otlp: { http: 'http://127.0.0.1:4318', grpc: 'http://127.0.0.1:4317' },
      onChange(change) {
        told.state = applyEngineChange(told.state, change);
      },
      onLogs: (lines) => void logs.push(...lines),
    });
    fleets.push(fleet);
    const healthy = () => eventually('the fleet is healthy', () => told.state.fleet?.state === 'healthy');
    return { fleet, logs, told, healthy, handlers: fleet.handlers };
  }

  const pids = (fleet: Fleet): number[] =>
    (fleet.view()?.services ?? []).flatMap((one) => one.instances.flatMap(({ pid }) => pid ?? []));

  it('starts, is healthy, and leaves nothing', async () => {
    const { fleet, told, logs, healthy } = open();
    expect(await fleet.adopt()).toBe(false);
    await fleet.up({ file });
    expect(fleet.view()?.state).toBe('starting');
    await healthy();
    const states = Object.fromEntries(fleet.view()?.services.map((one) => [one.id, one.state]) ?? []);
    expect(states).toEqual({ base: 'running', knob: 'running', job: 'exited' });
    await eventually('the changes tell the same', () =>
      told.state.fleet?.services.every((one) => one.state === states[one.id]),
    );
    expect(logs.find((one) => one.service === 'job')).toMatchObject({
      message: 'done',
      source: 'stdout',
      instance: 'job-1',
    });
    expect(told.state.marks.map((one) => one.kind)).toContain('healthy');
    expect(savedOtlp(home)).toEqual({ http: 'http://127.0.0.1:4318', grpc: 'http://127.0.0.1:4317' });
    await expect(fleet.up({ file })).rejects.toMatchObject({ code: 'FLEET_OTHER' });

    const before = pids(fleet);
    expect(before).toHaveLength(2);
    await fleet.down();
    expect([fleet.view(), told.state.fleet]).toEqual([null, null]);
    expect(await Promise.all(before.map(processRuns))).toEqual([false, false]);
    expect(readdirSync(home)).toEqual([]);
  });

  it('starts again the services of a fleet that were all stopped by hand', async () => {
    const { fleet, handlers, healthy } = open();
    await fleet.up({ file });
    await healthy();
    const never = new AbortController().signal;
    for (const { id } of fleet.view()?.services ?? [])
      await handlers['service.act']({ service: id, action: 'stop' }, never);
    expect(fleet.view()?.state).toBe('stopped');
    await expect(fleet.up({ file: join(home, 'another.yaml') })).rejects.toMatchObject({ code: 'FLEET_OTHER' });
    await fleet.up({ file });
    await healthy();
    expect(pids(fleet)).toHaveLength(2);
  });

  it('leaves nothing either when it is taken down right after it changed', async () => {
    const { fleet, told } = open();
    await fleet.up({ file });
    await eventually('a change is told, which is saved a moment later', () => told.state.fleet?.services.length);
    await fleet.down();
    // Longer than any saving is put off.
    const late = new Promise((resolve) => setTimeout(resolve, 400));
    await late;
    expect(readdirSync(home)).toEqual([]);
  });

  it('turns the dial, and starts with the traffic that was asked for', async () => {
    const { fleet, told, healthy, handlers } = open();
    await fleet.up({ file, traffic: 17 });
    await healthy();
    await eventually('the dial is read', () => told.state.fleet?.dial?.value === 17);
    await handlers['fleet.dial']({ value: 80 }, signal);
    expect(fleet.view()?.dial).toEqual({ service: 'knob', unit: 'things/s', min: 0, max: 200, value: 80 });
    expect(told.state.fleet?.dial?.value).toBe(80);
    await expect(handlers['fleet.dial']({ value: 201 }, signal)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await handlers['service.act']({ service: id('knob'), action: 'stop' }, signal);
    await expect(handlers['fleet.dial']({ value: 1 }, signal)).rejects.toMatchObject({ code: 'SERVICE_NOT_RUNNING' });
    await eventually('the dial is not known', () => told.state.fleet?.dial?.value === null);
    expect(told.state.fleet?.state).toBe('degraded');
  });

  it('does what users ask of a service', async () => {
    const { fleet, healthy, handlers } = open();
    await fleet.up({ file });
    await healthy();
    const act = (action: 'stop' | 'start' | 'kill' | 'pause' | 'resume' | 'restart') =>
      handlers['service.act']({ service: id('base'), action }, signal);
    expect((await act('pause')).state).toBe('paused');
    expect((await act('resume')).state).toBe('running');
    expect(await act('kill')).toMatchObject({ state: 'backoff', exitCode: 137 });
    await eventually('it is back', () => fleet.view()?.services[0]?.health === 'healthy');
    expect(await act('stop')).toMatchObject({ state: 'stopped', reason: 'base was stopped.' });
    await act('start');
    await eventually('it is back', () => fleet.view()?.services[0]?.health === 'healthy');
    expect((await act('restart')).restarts).toBe(2);
    const environment = await handlers['service.environment']({ service: id('base'), reveal: false }, signal);
    expect(environment.find((one) => one.name === 'DATABASE_PASSWORD')).toMatchObject({ masked: true });
    const nobody = handlers['service.environment']({ service: id('nobody'), reveal: false }, signal);
    await expect(nobody).rejects.toMatchObject({ code: 'SERVICE_UNKNOWN', remedy: 'The fleet has: base, knob, job' });
  });

  it('hands out the output of a terminal as far as there are credits', async () => {
    const { fleet, healthy, handlers } = open();
    await fleet.up({ file });
    await healthy();
    const { terminalId } = await handlers['terminal.open']({ service: id('base'), cols: 80, rows: 24 }, signal);
    await handlers['terminal.write'](
      { terminalId, data: 'yes | head -c 300000; echo; echo "service=$OTEL_SERVICE_NAME"; exit 7\r' },
      signal,
    );
    let output = '';
    let exitCode: number | null = null;
    let granted = 10_000;
    for await (const part of handlers['terminal.output']({ terminalId, credits: granted }, signal)) {
      output += part.data;
      exitCode = part.exitCode;
      expect(output.length).toBeLessThanOrEqual(granted);
      if (output.length < granted || part.exitCode !== null) continue;
      granted += 50_000;
      await handlers['terminal.credit']({ terminalId, credits: 50_000 }, signal);
    }
    expect(exitCode).toBe(7);
    expect(output.match(/^y\r$/gm)?.length).toBeGreaterThan(100_000);
    expect(output).toContain('service=base');
    const gone = async () => handlers['terminal.write']({ terminalId, data: 'x' }, signal);
    await expect(gone()).rejects.toMatchObject({ code: 'TERMINAL_UNKNOWN' });
  });

  it('refuses a broken request and stays as it was', async () => {
    const { fleet, handlers } = open();
    await expect(fleet.up({ file: join(home, 'none.yaml') })).rejects.toMatchObject({ code: 'FLEET_FILE_MISSING' });
    await expect(fleet.up({ file, runtime: 'kubernetes' })).rejects.toMatchObject({ code: 'RUNTIME_UNAVAILABLE' });
    await writeFile(file, 'services: [oops');
    await expect(fleet.up({ file })).rejects.toMatchObject({ code: 'FLEET_FILE_INVALID' });
    expect(fleet.view()).toBeNull();
    const early = async () => handlers['service.act']({ service: id('base'), action: 'stop' }, signal);
    await expect(early()).rejects.toMatchObject({ code: 'FLEET_NOT_LOADED' });
    await fleet.down();
    expect(existsSync(join(home, 'fleet.json'))).toBe(false);
  });

  it('is found again after its engine was killed', async () => {
    const program = await bundle(join(import.meta.dirname, 'programs/engine.ts'), 'fleet-engine');
    const engine = spawn(process.execPath, [program, home, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    engines.push(engine);
    let said = '';
    engine.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await eventually('the engine has its fleet healthy', () => said.includes('state healthy'), 20_000);
    await eventually('it has read what was written', () => said.includes('log base serving on'));
    engine.kill('SIGKILL');
    await new Promise((resolve) => engine.once('exit', resolve));

    const { fleet, told, logs, healthy, handlers } = open();
    expect(await fleet.adopt()).toBe(true);
    await healthy();
    const adopted = pids(fleet);
    expect(await Promise.all(adopted.map(processRuns))).toEqual([true, true]);
    expect(logs.filter((one) => one.message.includes('serving on'))).toEqual([]);
    await eventually('the dial is read', () => told.state.fleet?.dial?.value === 5);
    const killed = await handlers['service.act']({ service: id('base'), action: 'kill' }, signal);
    expect(killed.state).toBe('backoff');
    await eventually('it is started again', () => fleet.view()?.services[0]?.health === 'healthy');
    await fleet.down();
    expect(await Promise.all(adopted.map(processRuns))).toEqual([false, false]);
    expect(readdirSync(home)).toEqual([]);
  });

  it('is let go when the engine ends without stopping it, and cleaned up when it ended meanwhile', async () => {
    const first = open();
    await first.fleet.up({ file });
    await first.healthy();
    const running = pids(first.fleet);
    await first.fleet.close({ stopFleet: false });
    expect(await Promise.all(running.map(processRuns))).toEqual([true, true]);
    const state = JSON.parse(readFileSync(join(home, 'fleet.json'), 'utf8'));
    expect(state).toMatchObject({ version: 1, runtime: 'process', stopping: null });
    for (const pid of running) process.kill(pid, 'SIGKILL');
    await eventually('they are gone', async () => !(await Promise.all(running.map(processRuns))).includes(true));
    const second = open();
    expect(await second.fleet.adopt()).toBe(false);
    expect([second.fleet.view(), readdirSync(home)]).toEqual([null, []]);
  });
});
