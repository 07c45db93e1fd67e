import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { currentHome, type FoundEngine, findEngine, isAlive, stopLeftover } from '../../client/node/index.ts';
import { FlotillaError } from '../../contract/index.ts';
import { engineOptions, hasLeftover, startEngine } from '../context.ts';
import { note } from '../output.ts';

const ENGINE_STOP_MS = 15_000;
const ATTEMPTS = 3;
/** A process that is killed closes its connections a moment before it is gone. */
const DYING_MS = 2000;

/** What became of it: `detached` from a fleet that was only attached to, and which goes on. */
export type Stopped = 'stopped' | 'detached' | 'nothing';

/** Stops what runs in this home, also what an engine that died has left. */
export async function stopHome(keepData: boolean): Promise<Stopped> {
  const home = currentHome();
  for (let attempt = 1; ; attempt += 1) {
    let found: FoundEngine | 'stopped' | null = await findEngine(home);
    // An engine that died left its run: a new one finds what still runs, so that it can be stopped.
    if (!found && hasLeftover(home)) found = await startOrStop(keepData);
    if (found === 'stopped') return 'stopped';
    if (!found) return attempt > 1 ? 'stopped' : 'nothing';
    try {
      return await stopAll(found, keepData);
    } catch (error) {
      // One that dies while it stops is followed by another, which goes on with that.
      if (attempt === ATTEMPTS || !(await endsWithin(found.endpoint.pid, DYING_MS))) throw error;
    }
  }
}

/** A new engine; or, where the disk has no room for one, what was left is stopped without. */
async function startOrStop(keepData: boolean): Promise<FoundEngine | 'stopped'> {
  try {
    return await startEngine();
  } catch (error) {
    if (!(error instanceof FlotillaError) || error.code !== 'DISK_FULL') throw error;
    note(`${error.message} Stopping what runs there without an engine …`);
    await stopLeftover(engineOptions(), keepData);
    return 'stopped';
  }
}

/** Stops the fleet, or lets go of it, and then stops the engine; resolves when both are gone. */
export async function stopAll({ client, endpoint }: FoundEngine, keepData: boolean): Promise<Stopped> {
  let isAttached = false;
  try {
    const { fleet } = await client.call('engine.state', undefined);
    if (fleet) {
      isAttached = fleet.attached !== null;
      note(`${isAttached ? 'Detaching from' : 'Stopping'} ${fleet.name} …`);
      await client.call('fleet.down', { keepData });
    }
    await client.call('engine.stop', undefined);
  } finally {
    client.close();
  }
  await endsWithin(endpoint.pid, ENGINE_STOP_MS);
  return isAttached ? 'detached' : 'stopped';
}

const WORDS: Readonly<Record<Stopped, string>> = {
  stopped: 'Stopped. Nothing is left running.',
  detached: 'Detached. Nothing of it was stopped; all of it runs as before.',
  nothing: 'Nothing is running.',
};

async function endsWithin(pid: number, ms: number): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (isAlive(pid) && Date.now() < deadline) await delay(50);
  return !isAlive(pid);
}

export function addDown(program: Command): void {
  program
    .command('down')
    .description(
      'stop the fleet and the engine, leaving nothing behind but, on Docker, images; what was only attached to goes on',
    )
    .option('--keep-data', 'keep what databases and brokers have stored', false)
    .action(async ({ keepData }: { keepData: boolean }) => {
      note(WORDS[await stopHome(keepData)]);
    });
}
