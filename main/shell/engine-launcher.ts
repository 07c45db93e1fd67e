import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { devNull, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { EndpointFile, Ticket } from '../contract/endpoint.ts';
import { FlotillaError } from '../contract/errors.ts';
import { DISK_FULL_STATUS, flotillaHome, HOME_TAKEN_STATUS, homeFiles } from '../contract/home.ts';

const START_MS = 30_000;
/** An engine on a machine that is busy may take its time; one whose process is gone refuses at once. */
const ANSWER_MS = 15_000;
const POLL_MS = 50;

export const home = resolve(flotillaHome({ platform: process.platform, env: process.env, userDir: homedir() }));

function readEndpoint(): EndpointFile | null {
  try {
    return EndpointFile.parse(JSON.parse(readFileSync(join(home, homeFiles.endpoint), 'utf8')));
  } catch {
    return null;
  }
}

/** What of the engine's state tells which engine answers. */
const Answer = z.object({ result: z.object({ data: z.object({ engine: z.object({ pid: z.number() }) }) }) });

function pidIn(body: string): number | null {
  try {
    return Answer.parse(JSON.parse(body)).result.data.engine.pid;
  } catch {
    return null;
  }
}

/** The body of a good answer to a call; null for any other, or none. Node's http: Electron may have no fetch. */
function ask(endpoint: EndpointFile, method: 'GET' | 'POST', path: string): Promise<string | null> {
  return new Promise((done) => {
    const call = request(`${endpoint.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${endpoint.token}` },
      timeout: ANSWER_MS,
    });
    call.on('response', (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (text: string) => {
        body += text;
      });
      answer.on('end', () => done(answer.statusCode === 200 ? body : null));
      answer.on('error', () => done(null));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => done(null));
    call.end();
  });
}

/**
 * Whether the engine that the endpoint file names is there and takes its token. The pid tells it from one that is just
 * starting in its place, which the file does not name yet.
 */
async function answers(endpoint: EndpointFile): Promise<boolean> {
  const body = await ask(endpoint, 'GET', '/api/engine.state');
  return body !== null && pidIn(body) === endpoint.pid;
}

/**
 * The address to load: a ticket is in it, so that no token lies in the window's history.
 * @throws FlotillaError ENGINE_FAILED
 */
export async function pageAddress(endpoint: EndpointFile): Promise<string> {
  const body = await ask(endpoint, 'POST', '/api/ticket');
  if (body === null)
    throw new FlotillaError('ENGINE_FAILED', { detail: 'it gave no ticket.', log: join(home, homeFiles.log) });
  return `${endpoint.url}/#ticket=${Ticket.parse(JSON.parse(body)).ticket}`;
}

export async function runningEngine(): Promise<EndpointFile | null> {
  const endpoint = readEndpoint();
  return endpoint && (await answers(endpoint)) ? endpoint : null;
}

/** The highest descriptor that this process has open. */
function lastDescriptor(): number {
  return Math.max(...readdirSync('/proc/self/fd').map(Number));
}

/**
 * Nothing but these as the engine's descriptors. On Linux, Electron passes on all that it has open (the display, its
 * profile's files, the pipes of who started it), and an engine that outlives the window would keep them: each is covered.
 */
function stdioOf(log: number, nothing: number): (number | 'ignore')[] {
  const others = process.platform === 'linux' ? Math.max(0, lastDescriptor() - 2) : 0;
  return ['ignore', log, log, ...new Array<number>(others).fill(nothing)];
}

/** Starts an engine that outlives the window: with the Node that FLOTILLA_NODE names, else with Electron's own. */
function launch(engineFile: string): () => number | null {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const log = openSync(join(home, homeFiles.log), 'a', 0o600);
  const nothing = openSync(devNull, 'r+');
  const child = spawn(process.env.FLOTILLA_NODE ?? process.execPath, [engineFile], {
    detached: true,
    stdio: stdioOf(log, nothing),
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', FLOTILLA_HOME: home },
  });
  closeSync(log);
  closeSync(nothing);
  let ended: number | null = null;
  child.on('exit', (code) => {
    ended = code ?? 1;
  });
  child.on('error', () => {
    ended = 1;
  });
  child.unref();
  return () => ended;
}

/**
 * The engine of this home: the one that runs, or a new one.
 * @throws FlotillaError ENGINE_FAILED, DISK_FULL
 */
export async function ensureEngine(): Promise<EndpointFile> {
  const running = await runningEngine();
  if (running) return running;
  const engineFile = join(__dirname, '../engine/main.js');
  const log = join(home, homeFiles.log);
  if (!existsSync(engineFile)) throw new FlotillaError('NOT_FOUND', { what: 'built engine', name: engineFile });
  const ended = launch(engineFile);
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const endpoint = await runningEngine();
    if (endpoint) return endpoint;
    const code = ended();
    if (code === DISK_FULL_STATUS) throw new FlotillaError('DISK_FULL', { path: home });
    // Another one was started at the same time: that one is waited for.
    if (code !== null && code !== HOME_TAKEN_STATUS)
      throw new FlotillaError('ENGINE_FAILED', { detail: `it exited with code ${code}.`, log });
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
  throw new FlotillaError('ENGINE_FAILED', { detail: `no answer within ${START_MS / 1000} s.`, log });
}
