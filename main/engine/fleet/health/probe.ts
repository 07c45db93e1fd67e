import { request } from 'node:http';
import { connect } from 'node:net';
import type { FleetRun, InstanceRef, Reach } from '../../runtimes/index.ts';
import type { Healthcheck } from '../model.ts';

export interface ProbeResult {
  readonly ok: boolean;
  /** Why not, as a clause: `GET /health/ready answered 503: no database`. */
  readonly detail: string;
}

const WELL: ProbeResult = { ok: true, detail: '' };
const BODY_SHOWN = 200;

/** Asks an instance once how it is. Never throws; takes no longer than the check's timeout (and a little). */
export async function probe(run: FleetRun, instance: InstanceRef, check: Healthcheck): Promise<ProbeResult> {
  const port = check.http?.port ?? check.tcp?.port ?? null;
  if (port !== null) {
    const target = run.reach(instance, port);
    if (target === null) return { ok: false, detail: `its port ${port} cannot be reached from here` };
    return check.http === null
      ? probeTcp(target, check.timeoutMs)
      : probeHttp({ host: target.host, port: target.port, path: check.http.path }, check.timeoutMs);
  }
  return check.test === null ? WELL : probeByCommand(run, instance, check.test, check.timeoutMs);
}

/** How long a connection has to last that something in between has accepted. */
const PROXY_SETTLES_MS = 150;

interface Target {
  readonly host: string;
  readonly port: number;
}

function probeHttp(target: Target & { readonly path: string }, timeoutMs: number): Promise<ProbeResult> {
  const call = `GET ${target.path}`;
  return new Promise((resolve) => {
    const asked = request({ ...target, agent: false, headers: { accept: '*/*', connection: 'close' } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        if (body.length < BODY_SHOWN) body += text;
      });
      response.on('error', () => undefined);
      response.on('close', () => {
        giveUp.cancel();
        const status = response.statusCode ?? 0;
        const said = oneLine(body);
        const answer = `${call} answered ${status}${said === '' ? '' : `: ${said}`}`;
        resolve(status >= 200 && status < 300 ? WELL : { ok: false, detail: answer });
      });
    });
    const giveUp = patience(timeoutMs, () => {
      resolve({ ok: false, detail: `${call} got no answer within ${timeoutMs} ms` });
      asked.destroy();
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      giveUp.cancel();
      resolve({ ok: false, detail: refusal(error, target, call) });
    });
    asked.end();
  });
}

function probeTcp({ host, port, proxied }: Reach, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const target = { host, port };
    const socket = connect(target);
    const finish = (result: ProbeResult): void => {
      giveUp.cancel();
      socket.destroy();
      resolve(result);
    };
    const giveUp = patience(timeoutMs, () => finish({ ok: false, detail: `no connection within ${timeoutMs} ms` }));
    socket.once('connect', () => {
      if (!proxied) return finish(WELL);
      // A proxy closes it at once when nobody listens behind it.
      socket.resume();
      setTimeout(() => finish(WELL), PROXY_SETTLES_MS).unref();
      socket.once('close', () => finish({ ok: false, detail: `nothing listens on ${host}:${port}` }));
    });
    socket.once('error', (error: NodeJS.ErrnoException) =>
      finish({ ok: false, detail: refusal(error, target, 'a connection') }),
    );
  });
}

/** A timer that fires this much after its time says that this process could not look, nor see an answer. */
const BLIND_MS = 30;

/**
 * Calls `expired` when the time is over. On a starved machine this process may be the one that is late, with the answer
 * unread: the time for which it could not look is given once more before a service is blamed for it, at most the timeout.
 */
function patience(timeoutMs: number, expired: () => void): { cancel(): void } {
  const dueMs = performance.now() + timeoutMs;
  let timer = setTimeout(() => {
    const blindMs = performance.now() - dueMs;
    if (blindMs < BLIND_MS) expired();
    else timer = setTimeout(expired, Math.min(blindMs, timeoutMs));
  }, timeoutMs);
  return { cancel: () => clearTimeout(timer) };
}

function refusal(error: NodeJS.ErrnoException, { host, port }: Target, call: string): string {
  if (error.code === 'ECONNREFUSED') return `nothing listens on ${host}:${port}`;
  if (error.code === 'ECONNRESET') return `${call} was cut off`;
  return `${call} failed: ${error.message}`;
}

async function probeByCommand(
  run: FleetRun,
  instance: InstanceRef,
  test: { readonly words: readonly string[]; readonly shell: boolean },
  timeoutMs: number,
): Promise<ProbeResult> {
  const { exitCode, output } = await run.exec(instance, { ...test, timeoutMs });
  if (exitCode === 0) return WELL;
  const said = oneLine(output);
  const name = test.words.join(' ');
  if (exitCode === null) return { ok: false, detail: `"${name}": ${said}` };
  return { ok: false, detail: `"${name}" exited with code ${exitCode}${said === '' ? '' : `: ${said}`}` };
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, BODY_SHOWN);
