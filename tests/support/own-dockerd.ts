import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Dockerode from 'dockerode';

/** Why a Docker engine of a test's own cannot be started here; null when it can. */
export function withoutDockerd(): string | null {
  if (process.getuid?.() !== 0) return 'only root can start a Docker engine';
  try {
    for (const program of [
      ['dockerd', '--version'],
      ['ip', '-V'],
    ] as const) {
      execFileSync(program[0], [program[1]], { stdio: 'ignore' });
    }
    return null;
  } catch {
    return 'there is no dockerd, or no ip to give it a network';
  }
}

/** A Docker engine that may be killed: beside the machine's own, with a folder, networks and images of its own. */
export class OwnDockerd {
  readonly docker: Dockerode;
  readonly host: string;
  readonly #folder: string;
  /** The kernel takes 15 characters. */
  readonly #bridge = `own${process.pid}`;
  #daemon: ChildProcess | null = null;

  private constructor(folder: string) {
    this.#folder = folder;
    this.host = `unix://${join(folder, 'docker.sock')}`;
    this.docker = new Dockerode({ socketPath: join(folder, 'docker.sock') });
  }

  /** With images of the machine's own engine. */
  static async start(...images: readonly string[]): Promise<OwnDockerd> {
    // Its sockets lie deep below, and their paths are bounded.
    const own = new OwnDockerd(await mkdtemp('/tmp/dockerd-'));
    try {
      await own.start();
      for (const image of images) {
        const loaded = await own.docker.loadImage(await new Dockerode().getImage(image).get());
        await once(loaded.resume(), 'end');
      }
      return own;
    } catch (error) {
      await own.close();
      throw error;
    }
  }

  async start(): Promise<void> {
    const path = (name: string): string => join(this.#folder, name);
    const folders = ['--data-root', path('data'), '--exec-root', path('exec'), '--pidfile', path('pid')];
    // Rules of the machine's firewall are the other engine's; ports are published by its proxy alone.
    // With no bridge of its own, or other address pools, a daemon deletes docker0, which is the other engine's.
    this.#addBridge();
    const networks = ['--bridge', this.#bridge, '--iptables=false', '--ip-masq=false'];
    this.#daemon = spawn('dockerd', ['--host', this.host, ...folders, ...networks], { stdio: 'ignore' });
    for (const deadlineMs = Date.now() + 60_000; ; await delay(100)) {
      const isThere = await this.docker.ping().then(
        () => true,
        () => false,
      );
      if (isThere) return;
      if (Date.now() > deadlineMs) throw new Error('dockerd did not start');
    }
  }

  /** `kill -9`. Its containerd dies with it, what they have started goes on. */
  async kill(): Promise<void> {
    const containerd = await this.#containerd();
    await this.#end('SIGKILL');
    // One that is about to die would be taken for one that runs.
    while (isAlive(containerd)) await delay(20);
  }

  /** Whether it runs. */
  get isRunning(): boolean {
    return this.#daemon !== null && this.#daemon.exitCode === null;
  }

  async #containerd(): Promise<number> {
    return Number(await readFile(join(this.#folder, 'exec/containerd/containerd.pid'), 'utf8').catch(() => ''));
  }

  async close(): Promise<void> {
    for (const { Id } of await this.docker.listContainers({ all: true }).catch(() => [])) {
      await this.docker
        .getContainer(Id)
        .remove({ force: true, v: true })
        .catch(() => undefined);
    }
    await this.docker.pruneNetworks().catch(() => undefined);
    const containerd = await this.#containerd();
    await this.#end('SIGTERM');
    while (isAlive(containerd)) await delay(20);
    execFileSync('ip', ['link', 'delete', this.#bridge]);
    await this.#unmount();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #addBridge(): void {
    if (existsSync(`/sys/class/net/${this.#bridge}`)) return;
    const ip = (...words: readonly string[]): Buffer => execFileSync('ip', words);
    ip('link', 'add', this.#bridge, 'type', 'bridge');
    ip('addr', 'add', '10.213.0.1/24', 'dev', this.#bridge);
    ip('link', 'set', this.#bridge, 'up');
  }

  /** What an engine that was killed has left mounted, and its folder, which it has mounted onto itself. */
  async #unmount(): Promise<void> {
    const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
    for (const path of mounts.toReversed()) {
      if (path.startsWith(`${this.#folder}/`)) execFileSync('umount', ['--lazy', path]);
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const daemon = this.#daemon;
    this.#daemon = null;
    if (daemon === null || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill(signal);
    await ended;
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
