import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { least, startUpstream, type Upstream, Victim } from './support/echo.ts';
import { type Links, startLinksProgram } from './support/links.ts';
import { toxiproxyProgram } from './support/toxiproxy-tools.ts';

const run = promisify(execFile);
let links: Links;
let echo: Upstream;
let cli: Awaited<ReturnType<typeof toxiproxyProgram>>;

beforeAll(async () => {
  cli = await toxiproxyProgram('cli');
  links = await startLinksProgram();
  echo = await startUpstream();
}, 400_000);
afterAll(async () => {
  await links.close();
  await echo.close();
});

test("Toxiproxy's own command line drives the links", { timeout: 60_000 }, async (context) => {
  if ('reason' in cli) {
    console.log(`skipped: ${cli.reason}`);
    return context.skip(cli.reason);
  }
  const { path } = cli;
  const call = async (...args: string[]): Promise<string> => (await run(path, ['--host', links.url, ...args])).stdout;
  const fails = (...args: string[]): Promise<string> =>
    call(...args).then(
      () => 'it did not fail',
      (error: { stderr: string }) => error.stderr,
    );

  expect(await call('create', '-l', '127.0.0.1:0', '-u', echo.address, 'shop')).toBe('Created new proxy shop\n');
  const [shop] = await links.client.links();
  expect(await call('list')).toBe(`shop\t${shop?.listen}\t${echo.address}\tenabled\t0\n`);
  const victim = await Victim.connect(shop?.listen ?? '');
  await victim.roundTrip();

  await call('toxic', 'add', '-t', 'latency', '-a', 'latency=80', '-a', 'jitter=1', 'shop');
  expect(await call('inspect', 'shop')).toContain('type=latency\tstream=downstream\ttoxicity=1.00');
  expect(await victim.roundTrip()).toBeGreaterThan(78);
  await call('toxic', 'update', '-n', 'latency_downstream', '-a', 'latency=20', 'shop');
  expect(await least(70, () => victim.roundTrip())).toBeLessThan(70);
  await call('toxic', 'remove', '-n', 'latency_downstream', 'shop');
  expect(await least(15, () => victim.roundTrip())).toBeLessThan(15);

  await call('toxic', 'add', '-n', 'cut', '-t', 'limit_data', '-a', 'bytes=2', '-u', '--toxicity', '1', 'shop');
  expect(await links.client.links()).toMatchObject([{ toxics: [{ name: 'cut', stream: 'upstream' }] }]);
  expect(await fails('toxic', 'add', '-n', 'cut', '-t', 'latency', 'shop')).toContain('HTTP 409: toxic already exists');
  expect(await fails('toxic', 'add', '-t', 'gremlin', 'shop')).toContain('HTTP 400: invalid toxic type');
  await call('toxic', 'add', '-t', 'http_abort', '-a', 'status=503', '-a', 'path=/orders/*', '-u', 'shop');
  expect(await call('inspect', 'shop')).toContain('type=http_abort');

  await call('toggle', 'shop');
  expect(await call('list')).toContain('disabled');
  await call('toggle', 'shop');
  expect(await call('delete', 'shop')).toBe('Deleted proxy shop\n');
  expect(await fails('inspect', 'shop')).toContain('HTTP 404: proxy not found');
  victim.socket.destroy();
});
