import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { port } from '../../main/engine/fleet/model.fixture.ts';
import type { ServiceSpec } from '../../main/engine/fleet/model.ts';
import type { Runtime } from '../../main/engine/runtimes/index.ts';
import { Bench, eventually, type RecordedRun, ref } from './harness.ts';

/** What a runtime brings to be tested by the one suite that all of them have to pass. */
export interface RuntimeUnderTest {
  readonly name: string;
  runtime(): Runtime;
  /** A service that runs programs/service.mjs in a mode. */
  service(id: string, mode: string, given?: Partial<ServiceSpec>): ServiceSpec;
  /** A service whose command does not exist. */
  broken(id: string): ServiceSpec;
  /** What is left on the machine of this run: processes, containers. */
  left(runId: string): Promise<string[]>;
}

const web = (given: Partial<ServiceSpec> = {}): Partial<ServiceSpec> => ({
  ports: [port('http', 7000, { env: 'PORT' })],
  ...given,
});

/** Everything that the lifecycle and the console rely on, whatever runs the services. */
export function runtimeSuite(tested: RuntimeUnderTest): void {
  describe(`the ${tested.name} runtime`, () => {
    let bench: Bench;
    const open = (services: readonly ServiceSpec[], runId?: string): Promise<RecordedRun> =>
      bench.open(tested.runtime(), services, runId);

    beforeEach(async () => {
      bench = await Bench.create();
    });
    afterEach(() => bench.close());

    it('can be used here', async () => {
      expect(await tested.runtime().detect()).toMatchObject({ available: true });
    });

    it('starts a service on a port of its own and reads what it writes', async () => {
      const fleet = await open([tested.service('a', 'serve', web())]);
      const running = await fleet.run.start(ref('a'));
      expect(running).toMatchObject({ instance: ref('a'), paused: false });
      await fleet.answers('a');
      await fleet.line('a', /^serving on \d+$/);
      expect(fleet.events).toEqual([]);
    });

    it('asks a service to end and hears its last words before its exit', async () => {
      const fleet = await open([tested.service('a', 'serve', web())]);
      await fleet.run.start(ref('a'));
      await fleet.answers('a');
      await fleet.run.stop(ref('a'));
      expect(fleet.told.slice(-2)).toEqual(['closing', 'exited a-1']);
      expect(await fleet.exit('a')).toMatchObject({ code: 0, signal: null, oomKilled: false, portTaken: null });
    });

    it('ends a service that does not hear, after its grace period', async () => {
      const fleet = await open([tested.service('a', 'deaf', { stopGracePeriodMs: 300 })]);
      await fleet.run.start(ref('a'));
      await fleet.line('a', /running/);
      const began = performance.now();
      await fleet.run.stop(ref('a'));
      expect(performance.now() - began).toBeGreaterThanOrEqual(290);
      expect(await fleet.exit('a')).toMatchObject({ signal: 'SIGKILL' });
      expect(fleet.lines('a')).toContain('did not hear that');
    });

    it('tells the exit code and the last line of what ends at once', async () => {
      const fleet = await open([tested.service('a', 'fail')]);
      await fleet.run.start(ref('a'));
      expect(await fleet.exit('a')).toMatchObject({ code: 3, signal: null });
      expect([fleet.lines('a', 'stderr'), fleet.lines('a', 'stdout')]).toEqual([['last words'], ['and no newline']]);
      expect(fleet.told.at(-1)).toBe('exited a-1');
    });

    it('kills and starts again on the same port', async () => {
      const fleet = await open([tested.service('a', 'serve', web())]);
      await fleet.run.start(ref('a'));
      await fleet.answers('a');
      const before = fleet.run.reach(ref('a'), 'http');
      await fleet.run.kill(ref('a'));
      expect(await fleet.exit('a')).toMatchObject({ code: null, signal: 'SIGKILL' });
      await fleet.run.start(ref('a'));
      await fleet.answers('a');
      expect(fleet.run.reach(ref('a'), 'http')).toEqual(before);
    });

    it('pauses and resumes, and stops what is paused', async () => {
      const fleet = await open([tested.service('a', 'serve', web())]);
      await fleet.run.start(ref('a'));
      await fleet.answers('a');
      await fleet.run.pause(ref('a'));
      await expect(fleet.get('a', '/')).rejects.toThrow();
      await fleet.run.resume(ref('a'));
      await fleet.answers('a');
      await fleet.run.pause(ref('a'));
      await fleet.run.stop(ref('a'));
      expect(await fleet.exit('a')).toMatchObject({ code: 0 });
    });

    it('measures processor and memory of a service and what it started', async () => {
      const fleet = await open([tested.service('a', 'burn')]);
      await fleet.run.start(ref('a'));
      // An idle service takes less than one percent; on a machine that is full of others this one gets little more.
      const busy = await eventually(
        'it is seen to be busy',
        () => fleet.stats.find((one) => one.cpuPercent > 5),
        20_000,
      );
      expect(busy.cpuPercent).toBeLessThan(110);
      expect(busy.memoryBytes).toBeGreaterThan(20e6);
    });

    it('gives each copy its own port and tells others where a service is', async () => {
      const services = [
        tested.service('a', 'serve', web({ replicas: 2 })),
        tested.service('b', 'serve', web({ environment: { A_URL: { value: 'http://a:7000/x', source: 'compose' } } })),
      ];
      const fleet = await open(services);
      for (const one of [ref('a', 1), ref('a', 2), ref('b')]) await fleet.run.start(one);
      await fleet.answers('b');
      expect(fleet.run.reach(ref('a', 1), 'http')).not.toEqual(fleet.run.reach(ref('a', 2), 'http'));
      expect(fleet.run.endpoints(services[0] as ServiceSpec).map((one) => one.name)).toEqual(['http', 'http (2)']);
      const environment = JSON.parse(await fleet.get('b', '/environment'));
      expect(environment.A_URL).toBe(`http://${fleet.run.address(ref('b').service, ref('a').service, 7000)}/x`);
      expect(environment).toMatchObject({
        OTEL_SERVICE_NAME: 'b',
        OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=b-1',
      });
    });

    it('says who has a port that the file asks for, and starts once it is free', async () => {
      const holder = createServer();
      await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
      const { port: taken } = holder.address() as { port: number };
      const asked = port('http', 7000, { env: 'PORT', hostPort: taken, published: true });
      const fleet = await open([tested.service('a', 'serve', { ports: [asked] })]);
      const refused = fleet.run.start(ref('a'));
      await expect(refused).rejects.toMatchObject({ code: 'PORT_TAKEN', details: { port: taken, service: 'a' } });
      await new Promise((resolve) => holder.close(resolve));
      await fleet.run.start(ref('a'));
      await fleet.answers('a');
      expect(fleet.run.reach(ref('a'), 'http')?.port).toBe(taken);
    });

    it('says that a command is missing, and goes on', async () => {
      const fleet = await open([tested.broken('a'), tested.service('b', 'serve', web())]);
      await expect(fleet.run.start(ref('a'))).rejects.toMatchObject({ code: 'SERVICE_COMMAND_MISSING' });
      await fleet.run.start(ref('b'));
      await fleet.answers('b');
    });

    it("runs a command in a service's surroundings", async () => {
      const fleet = await open([tested.service('a', 'serve', web())]);
      await fleet.run.start(ref('a'));
      const shell = (line: string) => fleet.run.exec(ref('a'), { words: [line], shell: true, timeoutMs: 500 });
      expect(await shell('echo $OTEL_SERVICE_NAME; exit 4')).toEqual({ exitCode: 4, output: 'a' });
      expect(await shell('sleep 5')).toEqual({ exitCode: null, output: 'no answer within 500 ms' });
    });

    it('masks secrets unless they are asked for', async () => {
      const environment = {
        API_TOKEN: { value: 'very secret', source: 'compose' },
        DATABASE: { value: 'postgres://u:very%20secret@elsewhere:5432/x', source: 'env_file' },
      } as const;
      const service = tested.service('a', 'serve', web({ environment }));
      const fleet = await open([service]);
      const masked = await fleet.run.environment(service, false);
      expect(JSON.stringify(masked)).not.toMatch(/very/);
      expect(masked.filter((one) => one.masked).map((one) => one.name)).toEqual(['API_TOKEN', 'DATABASE']);
      const shown = await fleet.run.environment(service, true);
      expect(shown.find((one) => one.name === 'API_TOKEN')).toMatchObject({ value: 'very secret', masked: false });
    });

    it("opens a terminal in a service's environment", async () => {
      const fleet = await open([tested.service('a', 'serve', web())]);
      await fleet.run.start(ref('a'));
      const terminal = await fleet.run.openTerminal(ref('a'), { cols: 100, rows: 30 });
      let output = '';
      let exitCode: number | null = null;
      terminal.onData((data) => {
        output += data;
      });
      terminal.onExit((code) => {
        exitCode = code;
      });
      terminal.write('stty size; echo "it is <$OTEL_SERVICE_NAME>"\r');
      await eventually('the shell answers', () => output.includes('it is <a>') && output.includes('30 100'));
      terminal.resize({ cols: 120, rows: 40 });
      terminal.write('stty size\r');
      await eventually('the shell knows its new size', () => output.includes('40 120'));
      terminal.write('exit 5\r');
      await eventually('the shell ends', () => exitCode !== null);
      expect(exitCode).toBe(5);
    });

    it('keeps the last words of a terminal whose reader is slow', async () => {
      const fleet = await open([tested.service('a', 'serve', web())]);
      await fleet.run.start(ref('a'));
      const terminal = await fleet.run.openTerminal(ref('a'), { cols: 100, rows: 30 });
      let output = '';
      let ended = false;
      terminal.onData((data) => {
        output += data;
      });
      terminal.onExit(() => {
        ended = true;
      });
      // Answered before it is paused, so that it is the end that nobody reads.
      terminal.write('echo rea""dy\r');
      await eventually('the shell is ready', () => output.includes('ready'));
      terminal.pause();
      terminal.write('echo last wor""ds; exit\r');
      await eventually('the shell ends', () => ended);
      expect(output).toContain('last words');
    });

    it('finds what runs again, and reads on without a gap or a repeat', async () => {
      const services = [tested.service('a', 'count'), tested.service('b', 'serve', web())];
      const runId = `again-${process.pid}`;
      const before = await open(services, runId);
      const [a, b] = [await before.run.start(ref('a')), await before.run.start(ref('b'))];
      await before.answers('b');
      await before.line('a', /^line 100$/);
      await before.run.close();

      const after = await open(services, runId);
      const found = await after.run.adopt();
      expect(found.map(({ instance, pid }) => [instance, pid])).toEqual([
        [ref('a'), a.pid],
        [ref('b'), b.pid],
      ]);
      expect(after.run.reach(ref('b'), 'http')).toEqual(before.run.reach(ref('b'), 'http'));
      await after.line('a', new RegExp(`^line ${before.lines('a').length + 300}$`));
      await after.run.stop(ref('a'));
      await after.exit('a');
      const counted = [...before.lines('a'), ...after.lines('a')];
      expect(counted).toEqual(counted.map((_, n) => `line ${n}`));
      await after.run.stop(ref('b'));
      expect(after.told.slice(-2)).toEqual(['closing', 'exited b-1']);
    });

    it('tells the end of what it found again', async () => {
      const services = [tested.service('a', 'serve', web())];
      const runId = `end-${process.pid}`;
      const before = await open(services, runId);
      await before.run.start(ref('a'));
      await before.answers('a');
      await before.run.close();
      const after = await open(services, runId);
      await after.run.adopt();
      await after.run.kill(ref('a'));
      await after.exit('a');
      await after.run.start(ref('a'));
      await after.answers('a');
    });

    it('leaves nothing when it is taken down', async () => {
      const services = [
        tested.service('a', 'serve', web()),
        tested.service('b', 'parent'),
        tested.service('c', 'deaf'),
      ];
      const runId = `down-${process.pid}`;
      const fleet = await open(services, runId);
      for (const service of ['a', 'b', 'c']) await fleet.run.start(ref(service));
      await fleet.line('b', /children/);
      await fleet.answers('a');
      const target = fleet.run.reach(ref('a'), 'http');
      expect(await tested.left(runId)).not.toEqual([]);
      await fleet.run.down({ keepData: false });
      expect(await tested.left(runId)).toEqual([]);
      await expect(fetch(`http://127.0.0.1:${target?.port}/`)).rejects.toThrow();
    });
  });
}
