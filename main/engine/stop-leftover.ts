import { createFleet, savedOtlp } from './fleet/index.ts';
import { openHome } from './home/index.ts';

/**
 * Stops the fleet that a dead engine left in a home, without a server or a store: what can still be done when the disk has no
 * room for these.
 * @throws FlotillaError ENGINE_ALREADY_RUNNING
 */
export async function stopLeftover(path: string, keepData: boolean): Promise<void> {
  const home = await openHome(path);
  const fleet = createFleet({
    home: path,
    otlp: savedOtlp(path) ?? { http: '', grpc: '' },
    onChange: () => undefined,
    onLogs: () => undefined,
  });
  if (await fleet.adopt()) await fleet.down({ keepData });
  await fleet.close({ stopFleet: false });
  await home.release();
}
