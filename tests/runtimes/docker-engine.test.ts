import { networkInterfaces } from 'node:os';
import Dockerode from 'dockerode';
import { expect, test } from 'vitest';
import { findDockerEngine } from '../../main/engine/runtimes/docker/connection/index.ts';
import { dockerRuntime } from '../../main/engine/runtimes/index.ts';
import { withoutContainers } from '../support/containers.ts';

const missing = await withoutContainers();

test.skipIf(missing !== null)('the engine of this machine is found and known for what it is', async () => {
  const found = await findDockerEngine();
  if (!found.found) throw new Error(found.reason);
  const { Version, ApiVersion } = await new Dockerode().version();
  expect(found.engine).toMatchObject({ apiVersion: ApiVersion, remote: false });
  expect(Version.startsWith(found.engine.version)).toBe(true);
  const containers = await found.engine.docker.listContainers({ all: true });
  expect(Array.isArray(containers)).toBe(true);
  // Where Docker's own bridge is an interface of this machine, containers reach it by its address.
  if (networkInterfaces().docker0) expect(found.engine.local).toBe(true);
});

test.skipIf(missing !== null)('the runtime says which engine it would use', async () => {
  const found = await dockerRuntime().detect();
  expect(found).toMatchObject({
    available: true,
    version: expect.stringMatching(/^\d+\./),
    detail: expect.stringMatching(/^(Docker|Podman) \d+\.\S+ at (unix|tcp|ssh|npipe):/),
  });
});
