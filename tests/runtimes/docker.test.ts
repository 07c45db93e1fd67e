import { describe } from 'vitest';
import { serviceSpec } from '../../main/engine/fleet/model.fixture.ts';
import { dockerRuntime } from '../../main/engine/runtimes/index.ts';
import { containerService, left, missing, NODE_IMAGE } from './docker-harness.ts';
import { runtimeSuite } from './runtime-suite.ts';

const reason = await missing();

describe.skipIf(reason !== null)(reason === null ? 'with a Docker engine' : `skipped: ${reason}`, () => {
  runtimeSuite({
    name: 'docker',
    runtime: () => dockerRuntime(),
    service: containerService,
    broken: (id) => serviceSpec(id, { image: NODE_IMAGE, command: ['no-such-command-anywhere'] }),
    left,
  });
});
