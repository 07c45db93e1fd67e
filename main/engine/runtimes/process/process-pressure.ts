import { spawn } from 'node:child_process';
import { FlotillaError } from '../../../contract/index.ts';
import { pressureCommands, pressureMark } from '../pressure-programs.ts';
import { type InstanceFaults, type InstanceRef, instanceId, type Pressure } from '../runtime.ts';
import { endLeftovers } from './leftovers.ts';
import type { ProcessTable } from './process-table.ts';

export interface ProcessPressureOptions {
  readonly table: ProcessTable;
  isRunning(ref: InstanceRef): boolean;
  /** What marks a process as one of the instance's, which is ended with it: `FLOTILLA_RUN`, `FLOTILLA_INSTANCE`. */
  tags(ref: InstanceRef): Readonly<Record<string, string>>;
}

const FAULT_TAG = 'FLOTILLA_FAULT';

/** Programs that take processor time and memory beside a service; they are ended with it, by their time, or by hand. */
export class ProcessPressure implements InstanceFaults {
  readonly #options: ProcessPressureOptions;
  readonly #started = new Map<string, Set<() => void>>();

  constructor(options: ProcessPressureOptions) {
    this.#options = options;
  }

  async checkPressure(ref: InstanceRef): Promise<void> {
    if (!this.#options.isRunning(ref)) throw new FlotillaError('SERVICE_NOT_RUNNING', { service: ref.service });
  }

  async press(ref: InstanceRef, pressure: Pressure): Promise<void> {
    await this.checkPressure(ref);
    await this.relieve(ref, pressure.faultId);
    const key = keyOf(ref, pressure.faultId);
    const ends = new Set<() => void>();
    this.#started.set(key, ends);
    const commands = pressureCommands(pressure, 'node', Date.now());
    await Promise.all(commands.map(([, ...words]) => this.#start(ref, pressure.faultId, words, ends)));
  }

  async #start(ref: InstanceRef, faultId: string, words: readonly string[], ends: Set<() => void>): Promise<void> {
    const child = spawn(process.execPath, words, {
      detached: true,
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        ...this.#options.tags(ref),
        [FAULT_TAG]: tagOf(ref, faultId),
        ...(process.versions.electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' }),
      },
    });
    // Ours until it is collected, so that its number means it.
    const end = (): void => void child.kill('SIGKILL');
    ends.add(end);
    child.once('exit', () => ends.delete(end));
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
  }

  async relieve(ref: InstanceRef, faultId: string): Promise<void> {
    const key = keyOf(ref, faultId);
    const mine = this.#started.get(key);
    this.#started.delete(key);
    if (mine !== undefined) {
      for (const end of mine) end();
      return;
    }
    // An engine before this one has started them.
    const assignment = `${FAULT_TAG}=${tagOf(ref, faultId)}`;
    await endLeftovers(this.#options.table, { assignment, leader: null, descendants: new Set() });
  }
}

const keyOf = (ref: InstanceRef, faultId: string): string => `${instanceId(ref)} ${faultId}`;
const tagOf = (ref: InstanceRef, faultId: string): string => `${pressureMark(faultId)}/${instanceId(ref)}`;
