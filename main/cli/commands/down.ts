import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { currentHome, type FoundEngine, findEngine, isAlive } from '../../client/node/index.ts';
import { homeFiles } from '../../contract/index.ts';
import { startEngine, waitForState } from '../context.ts';
import { note } from '../output.ts';

const ENGINE_STOP_MS = 15_000;

/** Stops what runs in this home, also what an engine that died has left; false when there is nothing to stop. */
export async function stopHome(keepData: boolean): Promise<boolean> {
  const home = currentHome();
  let found = await findEngine(home);
  // An engine that died left its run: a new one finds what still runs, so that it can be stopped.
  if (!found && existsSync(join(home, homeFiles.run))) found = await startEngine();
  if (found) await stopAll(found, keepData);
  return found !== null;
}

/** Stops the fleet and then the engine; resolves when both are gone. */
export async function stopAll({ client, endpoint }: FoundEngine, keepData: boolean): Promise<void> {
  const { fleet } = await client.call('engine.state', undefined);
  if (fleet) {
    note(`Stopping ${fleet.name} …`);
    const gone = waitForState(client, (state) => state.fleet === null);
    await client.call('fleet.down', { keepData });
    await gone;
  }
  await client.call('engine.stop', undefined);
  client.close();
  const deadline = Date.now() + ENGINE_STOP_MS;
  while (isAlive(endpoint.pid) && Date.now() < deadline) await delay(50);
}

export function addDown(program: Command): void {
  program
    .command('down')
    .description('stop the fleet and the engine, leaving nothing behind')
    .option('--keep-data', 'keep what databases and brokers have stored', false)
    .action(async ({ keepData }: { keepData: boolean }) => {
      const stopped = await stopHome(keepData);
      note(stopped ? 'Stopped. Nothing is left running.' : 'Nothing is running.');
    });
}
