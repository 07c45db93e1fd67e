import type { Attaching } from '../../runtime.ts';
import type { RunEngine } from '../containers.ts';
import { engineError } from '../docker-errors.ts';
import { AttachedRun } from './attached-run.ts';
import { attachCandidates } from './candidates.ts';
import { inspectAll, membersOf, resolveTarget, targetName } from './members.ts';
import { modelOfContainers } from './model-of-containers.ts';

export interface FindEngine {
  /** The engine that answers. @throws FlotillaError RUNTIME_UNAVAILABLE */
  now(): Promise<RunEngine>;
  /** The same, or, where none answers, the one that a run was on. @throws FlotillaError RUNTIME_UNAVAILABLE */
  ofRun(home: string, runId: string): Promise<RunEngine>;
}

/** Containers that somebody else started, by Compose or by hand, as fleets. */
export function dockerAttaching(engine: FindEngine): Attaching {
  return {
    async candidates() {
      const { docker } = await engine.now();
      try {
        return attachCandidates(await docker.listContainers({ all: true }));
      } catch (error) {
        throw engineError(error, 'the list of containers');
      }
    },
    async find(asked) {
      const { docker } = await engine.now();
      const target = await resolveTarget(docker, asked);
      try {
        const members = await membersOf(docker, target);
        const infos = await inspectAll(
          docker,
          members.map(({ Id }) => Id),
        );
        return { target, model: modelOfContainers(targetName(target), infos).model };
      } catch (error) {
        throw engineError(error, targetName(target));
      }
    },
    async open(target, model, context) {
      return new AttachedRun(await engine.ofRun(context.home, context.runId), target, model, context);
    },
  };
}
