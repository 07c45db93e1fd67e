import type Dockerode from 'dockerode';
import { expect, test } from 'vitest';
import { ContainerFaults } from './container-faults.ts';
import type { Containers } from './containers.ts';

const cart = { service: 'cart' as never, index: 1 };

/** Faults of a container whose engine refuses every change with these words. */
function refusing(message: string): ContainerFaults {
  const refusal = Object.assign(new Error(`(HTTP code 500) server error - ${message}`), {
    statusCode: 500,
    json: { message },
  });
  const docker = { getContainer: () => ({ update: () => Promise.reject(refusal) }) } as unknown as Dockerode;
  const containers = { inspectNamed: async () => ({ Id: 'c1', HostConfig: {} }) } as unknown as Containers;
  return new ContainerFaults(docker, containers);
}

const RUNC = 'Cannot update container c1: runc did not terminate successfully: exit status 1: ';

test.each([
  [
    `${RUNC}unable to set memory limit to 64000000 (current usage: 71303168, peak usage: 80000000): unknown`,
    '71 MB',
    79,
  ],
  [`${RUNC}rejecting memory limit 64000000 < usage 71303168: unknown`, '71 MB', 79],
  [`${RUNC}failed to write "64000000" to "memory.limit_in_bytes": device or resource busy: unknown`, 'more', 128],
])('a memory limit below what is in use says what is: %s', async (words, used, enough) => {
  const limiting = refusing(words).limit(cart, { memoryBytes: 64e6 });
  await expect(limiting).rejects.toMatchObject({
    code: 'MEMORY_IN_USE',
    message: `cart-1 cannot be limited to 64 MB of memory: it uses ${used}.`,
    remedy: `Choose more megabytes, such as ${enough}.`,
  });
});

test('what else the engine refuses stays in its own words', async () => {
  const limiting = refusing('Minimum memory limit allowed is 6MB').limit(cart, { memoryBytes: 64e6 });
  await expect(limiting).rejects.toMatchObject({ code: 'CONTAINER_REFUSED', message: expect.stringContaining('6MB') });
});
