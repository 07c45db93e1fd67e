import { FlotillaError, type RuntimeKind, type RuntimeView } from '../../contract/index.ts';
import type { Availability, Readiness, Runtime } from '../runtimes/index.ts';
import type { FleetModel } from './model.ts';

/** What a fleet is run on, and the fleet as it is on that. */
export interface Choice {
  readonly runtime: Runtime;
  readonly model: FleetModel;
  /** Why, and how to choose another. */
  readonly reason: string;
}

/** A fleet's file may mean different services on different runtimes. */
export type ReadModel = (runtime: RuntimeKind) => Promise<FleetModel>;

/** How a runtime stands, with the fleet on it: what it cannot be used for says why. */
interface Standing {
  readonly runtime: Runtime;
  readonly found: Availability;
  readonly model: FleetModel | null;
  /** Why the file cannot be read for it. */
  readonly problem: unknown;
  readonly readiness: Readiness;
}

const READY: Readiness = { cannotRun: [], missing: [], images: [] };
const NAMED = 3;

export const runtimeNames: Readonly<Record<RuntimeKind, string>> = {
  process: 'local processes',
  docker: 'Docker',
  kubernetes: 'Kubernetes',
};

/**
 * The runtime that was asked for. When none was: the first that can start the whole fleet at once, else the first that can
 * after it has fetched what is missing, else the one that can run most of it.
 * @throws FlotillaError RUNTIME_UNAVAILABLE and what reading the file can give
 */
export async function chooseRuntime(
  runtimes: readonly Runtime[],
  asked: RuntimeKind | undefined,
  readModel: ReadModel,
): Promise<Choice> {
  if (asked !== undefined) return theOneAskedFor(runtimes, asked, readModel);
  const standings = await standingsOf(runtimes, readModel);
  const chosen = preferred(standings);
  if (chosen !== null) return { ...chosen, reason: `${reasonFor(chosen, standings)}${otherwise(chosen, standings)}` };
  const unreadable = standings.find((one) => one.found.available);
  if (unreadable !== undefined) throw unreadable.problem;
  throw unavailable(runtimes, standings[0]);
}

async function theOneAskedFor(runtimes: readonly Runtime[], asked: RuntimeKind, readModel: ReadModel): Promise<Choice> {
  const runtime = runtimes.find((one) => one.kind === asked);
  if (runtime === undefined) {
    const detail = 'this version of Flotilla does not have it';
    const remedy = `Use --runtime ${runtimes.map((one) => one.kind).join(' or ')}.`;
    throw new FlotillaError('RUNTIME_UNAVAILABLE', { runtime: asked, detail, remedy });
  }
  const found = await runtime.detect();
  if (!found.available) {
    const { reason: detail, remedy } = found;
    throw new FlotillaError('RUNTIME_UNAVAILABLE', { runtime: asked, detail, remedy });
  }
  return { runtime, model: await readModel(asked), reason: `It runs on ${found.detail}, as it was asked to.` };
}

function unavailable(runtimes: readonly Runtime[], first: Standing | undefined): FlotillaError {
  const { reason, remedy } =
    first?.found.available === false ? first.found : { reason: 'there is none', remedy: 'Install Docker.' };
  const runtime = runtimes[0]?.kind ?? 'default';
  return new FlotillaError('RUNTIME_UNAVAILABLE', { runtime, detail: reason, remedy });
}

/** What fleets can run on here, and which of it this one would. */
export async function listRuntimes(runtimes: readonly Runtime[], readModel: ReadModel): Promise<RuntimeView[]> {
  const standings = await standingsOf(runtimes, readModel);
  const chosen = preferred(standings);
  return standings.map((standing) => {
    const { runtime, found, readiness } = standing;
    const isDefault = standing === chosen;
    return {
      kind: runtime.kind,
      available: found.available,
      detail: found.available ? found.detail : null,
      version: found.available ? (found.version ?? null) : null,
      reason: found.available ? null : found.reason,
      remedy: found.available ? null : found.remedy,
      isDefault,
      defaultReason: isDefault ? reasonFor(standing, standings) : null,
      images: [...readiness.images],
    };
  });
}

/** All are asked at once: a container engine that does not answer takes its time to be given up. */
function standingsOf(runtimes: readonly Runtime[], readModel: ReadModel): Promise<Standing[]> {
  return Promise.all(
    runtimes.map(async (runtime) => {
      const found = await runtime.detect();
      const none = { runtime, found, model: null, problem: null, readiness: READY };
      if (!found.available) return none;
      try {
        const model = await readModel(runtime.kind);
        return { ...none, model, readiness: (await runtime.readiness?.(model)) ?? READY };
      } catch (problem) {
        return { ...none, problem };
      }
    }),
  );
}

type Usable = Standing & { readonly model: FleetModel };

function preferred(standings: readonly Standing[]): Usable | null {
  const usable = standings.filter((one): one is Usable => one.model !== null);
  const here = usable.filter(({ readiness }) => !readiness.remote);
  const whole = here.filter(({ readiness }) => readiness.cannotRun.length === 0);
  const most = here.toSorted((a, b) => a.readiness.cannotRun.length - b.readiness.cannotRun.length);
  return whole.find(({ readiness }) => readiness.missing.length === 0) ?? whole[0] ?? most[0] ?? usable[0] ?? null;
}

function reasonFor(chosen: Standing, standings: readonly Standing[]): string {
  const { found, readiness, runtime } = chosen;
  const detail = found.available ? found.detail : runtime.kind;
  const others = standings.filter((one) => one !== chosen);
  // Those that would have come first say why they did not; of the others it is said what they could not do.
  const better = others.filter((one) => standings.indexOf(one) < standings.indexOf(chosen));
  const why = better.flatMap((one) => shortcoming(one) ?? []);
  if (why.length === 0 && readiness.missing.length > 0) {
    why.push(...others.flatMap((one) => shortcoming(one) ?? []), `${list(readiness.missing)} will be pulled`);
  }
  const has = why.length === 0 && readiness.images.length > 0 ? ', whose engine has all its images' : '';
  const because = why.length === 0 ? '' : `, because ${why.join('; ')}`;
  return `It runs on ${detail}${has}${because}.`;
}

/** For a terminal: how to have it otherwise. */
function otherwise(chosen: Standing, standings: readonly Standing[]): string {
  const choose = standings.filter((one) => one !== chosen).map((one) => `--runtime ${one.runtime.kind}`);
  return choose.length === 0 ? '' : ` Choose another with ${choose.join(' or ')}.`;
}

/** Why a fleet does not run on it by itself, as a clause; null when there is nothing against it. */
function shortcoming({ runtime, found, problem, readiness }: Standing): string | null {
  if (!found.available) return found.reason;
  if (problem !== null) return `its file cannot be read for ${runtimeNames[runtime.kind]}`;
  if (readiness.remote) return `the engine of ${runtimeNames[runtime.kind]} is on another machine`;
  if (readiness.cannotRun.length > 0) return `${list(readiness.cannotRun)} cannot run on ${runtimeNames[runtime.kind]}`;
  if (readiness.missing.length > 0) return `${runtimeNames[runtime.kind]} does not have ${list(readiness.missing)} yet`;
  return null;
}

function list(words: readonly string[]): string {
  const named = words.slice(0, NAMED);
  const more = words.length - named.length;
  if (more > 0) return `${named.join(', ')} and ${more} more`;
  const last = named.at(-1) ?? '';
  return named.length < 2 ? last : `${named.slice(0, -1).join(', ')} and ${last}`;
}
