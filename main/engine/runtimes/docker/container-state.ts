import { constants } from 'node:os';
import type Dockerode from 'dockerode';
import type { InstanceExit, InstanceRef, ReportedHealth, RunningInstance } from '../runtime.ts';

/** A container that runs for an instance, as we know it. */
export interface Contained {
  readonly ref: InstanceRef;
  readonly containerId: string;
  readonly name: string;
  readonly startedAtMs: number;
  readonly pid: number | null;
  readonly addresses: readonly string[];
  /** Where this machine reaches its ports: `8080/tcp`. */
  readonly published: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
  /** It is in the network of the engine's machine itself. */
  readonly sharesHost: boolean;
  /** By its restart policy. */
  readonly restarts: number;
  paused: boolean;
  health: ReportedHealth | null;
  /** We have asked it to end. */
  ending: boolean;
  /** Someone else has sent it a signal that ends it. */
  touched: { readonly atMs: number; readonly how: 'stopped' | 'killed' } | null;
  /** When the kernel last ended something in it for using too much memory. */
  oomAtMs: number | null;
}

type Inspected = Dockerode.ContainerInspectInfo;

export function containedOf(ref: InstanceRef, info: Inspected): Contained {
  const networks = Object.values(info.NetworkSettings?.Networks ?? {});
  return {
    ref,
    containerId: info.Id,
    name: info.Name.replace(/^\//, ''),
    startedAtMs: Date.parse(info.State.StartedAt),
    pid: info.State.Pid > 0 ? info.State.Pid : null,
    addresses: networks.flatMap((one) => [one.IPAddress, one.GlobalIPv6Address].filter((address) => address !== '')),
    published: publishedOf(info),
    sharesHost: info.HostConfig?.NetworkMode === 'host',
    restarts: info.RestartCount ?? 0,
    paused: info.State.Paused,
    health: healthOf(info),
    ending: false,
    touched: null,
    oomAtMs: null,
  };
}

/** Bound to all addresses means reached at 127.0.0.1 too. */
const ALL_ADDRESSES: ReadonlySet<string> = new Set(['', '0.0.0.0', '::', '127.0.0.1', '::1']);

function publishedOf(info: Inspected): Contained['published'] {
  const found = new Map<string, { host: string; port: number }>();
  for (const [key, bindings] of Object.entries(info.NetworkSettings?.Ports ?? {})) {
    // One without a binding is only exposed; several mean the same port.
    for (const { HostIp, HostPort } of bindings ?? []) {
      const isLocal = ALL_ADDRESSES.has(HostIp);
      if (isLocal || !found.has(key)) found.set(key, { host: isLocal ? '127.0.0.1' : HostIp, port: Number(HostPort) });
    }
  }
  return found;
}

/** It runs now. Engines also call running what has ended and waits for its restart policy. */
export function isRunning({ State }: Inspected): boolean {
  return State.Running && !State.Restarting;
}

export function runningOf({
  ref,
  pid,
  containerId,
  startedAtMs,
  paused,
  health,
  restarts,
}: Contained): RunningInstance {
  const running = { instance: ref, pid, containerId, startedAtMs, paused };
  return { ...running, ...(health === null ? {} : { health }), ...(restarts === 0 ? {} : { restarts }) };
}

const WORDS = 300;

/** What the engine's own check says; null where it has none. */
export function healthOf(info: Inspected): ReportedHealth | null {
  const health = info.State.Health;
  const test = info.Config?.Healthcheck?.Test;
  if (health === undefined || health.Status === 'none' || test?.[0] === 'NONE') return null;
  // Docker calls what is paused unhealthy, and keeps to that after it goes on, until it has asked again.
  const stale = health.Status === 'unhealthy' && health.Log?.at(-1)?.ExitCode === 0;
  const told = health.Status === 'healthy' || health.Status === 'unhealthy' ? health.Status : 'starting';
  const status = stale ? 'starting' : told;
  return { status, detail: status === 'unhealthy' ? checkWords(info) : '' };
}

function checkWords(info: Inspected): string {
  const test = info.Config?.Healthcheck?.Test ?? [];
  const command = test.slice(1).join(' ').slice(0, WORDS);
  const last = info.State.Health?.Log?.at(-1);
  if (last === undefined) return `"${command}" fails`;
  const said = last.Output.replace(/\s+/g, ' ').trim().slice(0, WORDS);
  if (last.ExitCode < 0 || /^Health check exceeded timeout/i.test(said)) return `"${command}": ${said}`;
  return `"${command}" exited with code ${last.ExitCode}${said === '' ? '' : `: ${said}`}`;
}

/** An exit code as engines tell it: 128 and the number of the signal that ended the container's first process. */
export function exitOf(code: number): Pick<InstanceExit, 'code' | 'signal'> {
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return signal === undefined || code <= 128 ? { code, signal: null } : { code: null, signal };
}

/** Whether a signal of a `kill` event ends a container, and what that is called. */
export function touchOf(signal: string, stopSignal: string): 'stopped' | 'killed' | null {
  const name = /^\d+$/.test(signal)
    ? (Object.entries(constants.signals).find(([, number]) => number === Number(signal))?.[0] ?? '')
    : `SIG${signal.replace(/^SIG/i, '').toUpperCase()}`;
  if (name === 'SIGKILL') return 'killed';
  return name === stopSignal || name === 'SIGTERM' ? 'stopped' : null;
}
