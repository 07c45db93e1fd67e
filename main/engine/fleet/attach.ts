import { type AttachList, type AttachTarget, FlotillaError } from '../../contract/index.ts';
import type { Attaching, Runtime } from '../runtimes/index.ts';

/** What a fleet can be made of that runs without us, on the first runtime that knows of such. */
export async function listAttachable(runtimes: readonly Runtime[]): Promise<AttachList> {
  const found = runtimes.find((one) => one.attaching !== undefined);
  const away = found && (await found.detect());
  if (found?.attaching === undefined || away?.available === false) {
    const reason = away?.available === false ? away.reason : 'this machine has nothing that runs containers';
    const remedy = away?.available === false ? away.remedy : 'Install Docker. See: flotilla doctor';
    return { candidates: [], reason, remedy };
  }
  return { candidates: [...(await found.attaching.candidates())], reason: null, remedy: null };
}

/** @throws FlotillaError RUNTIME_UNAVAILABLE */
export async function attachingRuntime(
  runtimes: readonly Runtime[],
): Promise<{ readonly runtime: Runtime; readonly attaching: Attaching; readonly detail: string }> {
  const runtime = runtimes.find((one) => one.attaching !== undefined);
  const found = await runtime?.detect();
  if (runtime?.attaching === undefined || found?.available !== true) {
    const none = { reason: 'there is none', remedy: 'Install Docker. See: flotilla doctor' };
    const { reason: detail, remedy } = found?.available === false ? found : none;
    throw new FlotillaError('RUNTIME_UNAVAILABLE', { runtime: 'docker', detail, remedy });
  }
  return { runtime, attaching: runtime.attaching, detail: found.detail };
}

/** Whether these mean the same: asked for twice, it is there already. */
export function isSameTarget(a: AttachTarget | null, b: AttachTarget): boolean {
  if (a === null) return false;
  if ('project' in a || 'project' in b) return 'project' in a && 'project' in b && a.project === b.project;
  const [these, those] = [new Set(a.containers), new Set(b.containers)];
  return these.size === those.size && [...these].every((one) => those.has(one));
}
