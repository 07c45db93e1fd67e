import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type Dockerode from 'dockerode';
import {
  type ErrorView,
  FlotillaError,
  type ImageProgress,
  type ServiceId,
  toErrorView,
} from '../../../../contract/index.ts';
import type { BuildSpec, FleetModel } from '../../../fleet/index.ts';
import type { Machine } from '../connection/index.ts';
import { engineWords } from '../docker-errors.ts';
import { projectName } from '../names.ts';
import { buildImage, CONTEXT_LABEL } from './build.ts';
import { type BuildContext, contextHash, readContext } from './build-context.ts';
import { buildFailure, pullFailure } from './failure.ts';
import { imageOf } from './image-name.ts';
import { type ImageNeed, imageNeeds } from './image-needs.ts';
import { begun, ended, newProgress, told } from './image-state.ts';
import { isRemote } from './inventory.ts';
import { Lane } from './lane.ts';
import type { EngineMessage } from './messages.ts';
import { pullImage } from './pull.ts';

export interface FleetImagesOptions {
  readonly docker: Dockerode;
  readonly model: FleetModel;
  readonly machine: Machine;
  /** Builds what the fleet builds though it is there. */
  readonly rebuild: boolean;
  /** How an image that was not there comes to be; at most five times a second for each. */
  onProgress(progress: ImageProgress): void;
}

interface FoundImage {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** An image's place among those that were asked for. */
interface Turn {
  /** Resolves when those before have taken theirs. */
  readonly before: Promise<unknown>;
  placed(): void;
}

const PULLS_AT_ONCE = 3;
const TELL_MS = 200;

/** Gets the images that a fleet's services need: each once, those that are there not at all. */
export class FleetImages {
  readonly #options: FleetImagesOptions;
  readonly #needs = new Map<ServiceId, ImageNeed>();
  readonly #jobs = new Map<ImageNeed, Promise<void>>();
  readonly #progress = new Map<ImageNeed, ImageProgress>();
  readonly #timers = new Map<ImageNeed, NodeJS.Timeout>();
  readonly #contexts = new Map<string, Promise<{ context: BuildContext; hash: string }>>();
  readonly #pulls = new Lane(PULLS_AT_ONCE);
  /** One after the other: a build takes all processors, and the next may use its layers. */
  readonly #builds = new Lane(1);
  readonly #over = new AbortController();
  readonly #asked = new Map<ImageNeed, (turn: Turn) => void>();
  /** Resolves when all that were asked for have come by what they need or taken their place in a lane. */
  #placed: Promise<unknown> = Promise.resolve();

  constructor(options: FleetImagesOptions) {
    this.#options = options;
    setMaxListeners(0, this.#over.signal);
    for (const need of imageNeeds(options.model)) for (const service of need.services) this.#needs.set(service, need);
  }

  /** The name of the image that a service's containers are made of. */
  imageOf(service: ServiceId): string {
    const spec = this.#options.model.services.find((one) => one.id === service);
    if (spec === undefined) throw new FlotillaError('SERVICE_UNKNOWN', { service, known: '' });
    return imageOf(this.#options.model, spec);
  }

  /**
   * Resolves when the service's image is there: at once where it is, else when it was pulled or built. Services that are
   * asked for together share what is done; a later call looks anew.
   * @throws FlotillaError IMAGE_PULL_FAILED, IMAGE_BUILD_FAILED, IMAGE_MISSING, BUILD_FOLDER_MISSING
   */
  ready(service: ServiceId): Promise<void> {
    const need = this.#needs.get(service);
    if (need === undefined) return Promise.reject(new FlotillaError('SERVICE_UNKNOWN', { service, known: '' }));
    const known = this.#jobs.get(need);
    if (known !== undefined) return known;
    const job = this.#turn(need)
      .then((turn) => this.#get(need, turn).finally(turn.placed))
      .finally(() => {
        // What is asked for later is looked at anew: files may have changed, images may be gone.
        this.#jobs.delete(need);
        if (this.#jobs.size === 0) this.#contexts.clear();
      });
    this.#jobs.set(need, job);
    return job;
  }

  /** The same for a service that was prepared before: only an image that is gone is fetched again. */
  async ensure(service: ServiceId): Promise<void> {
    if ((await this.#find(this.imageOf(service))) === null) await this.ready(service);
  }

  /** Of all images that were not there. */
  progress(): readonly ImageProgress[] {
    return [...this.#progress.values()];
  }

  /** Gives up what is under way; the engine stops pulling and building. */
  async close(): Promise<void> {
    this.#over.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await Promise.allSettled(this.#jobs.values());
  }

  /**
   * A place among those that were asked for at the same time: images that others wait for come first, however long it takes
   * to look for each.
   */
  #turn(need: ImageNeed): Promise<Turn> {
    return new Promise((resolve) => {
      if (this.#asked.size === 0) setImmediate(() => this.#line());
      this.#asked.set(need, resolve);
    });
  }

  #line(): void {
    const order = [...new Set(this.#needs.values())];
    for (const need of order) {
      const before = this.#placed;
      let placed: () => void = () => undefined;
      const taken = new Promise<void>((resolve) => {
        placed = resolve;
      });
      const resolve = this.#asked.get(need);
      if (resolve === undefined) continue;
      this.#placed = Promise.all([before, taken]);
      resolve({ before, placed });
    }
    this.#asked.clear();
  }

  async #get(need: ImageNeed, turn: Turn): Promise<void> {
    if (need.build === null) return this.#getPulled(need, turn);
    return this.#getBuilt(need, need.build, turn);
  }

  async #getPulled(need: ImageNeed, turn: Turn): Promise<void> {
    const { image, policy } = need;
    const present = (await this.#find(image)) !== null;
    if (present && policy !== 'always') return;
    if (policy === 'never' || (policy === 'build' && !present)) throw new FlotillaError('IMAGE_MISSING', { image });
    const { docker, machine } = this.#options;
    const { signal } = this.#over;
    await this.#inLane(this.#pulls, need, turn, async (onMessage) => {
      await pullImage(docker, { image, platform: need.platform, machine, signal, onMessage }).catch(
        (error: unknown) => {
          throw pullFailure(image, error);
        },
      );
    });
  }

  async #getBuilt(need: ImageNeed, build: BuildSpec, turn: Turn): Promise<void> {
    const { context, hash } = await this.#context(need, build);
    const before = await Promise.all(need.names.map((name) => this.#find(name)));
    if (this.#isBuilt(need, hash, before)) return;
    const { docker, machine, model } = this.#options;
    const { signal } = this.#over;
    await this.#inLane(this.#builds, need, turn, async (onMessage) => {
      const request = { project: projectName(model), need, build, context, hash, machine, signal, onMessage };
      await buildImage(docker, request).catch((error: unknown) => {
        throw buildFailure(need.image, this.#progress.get(need), error);
      });
    });
    await this.#removeReplaced(need, before);
  }

  /** An image of ours that lost its name to a newer one is of no more use; the engine keeps it where something still uses it. */
  async #removeReplaced(need: ImageNeed, before: readonly (FoundImage | null)[]): Promise<void> {
    const now = await this.#find(need.image).catch(() => null);
    for (const image of before) {
      if (image === null || image.id === now?.id || image.labels[CONTEXT_LABEL] === undefined) continue;
      await this.#options.docker
        .getImage(image.id)
        .remove()
        .catch(() => undefined);
    }
  }

  /** As Compose has it: what is there is not built again, but for an image of ours that was built from something else. */
  #isBuilt(need: ImageNeed, hash: string | null, found: readonly (FoundImage | null)[]): boolean {
    if (this.#options.rebuild || need.policy === 'build' || found.includes(null)) return false;
    const from = found[0]?.labels[CONTEXT_LABEL];
    return hash === null || from === undefined || from === hash;
  }

  /** What it is built from, and its hash together with the build's own settings. Both null where that is not here. */
  async #context(need: ImageNeed, build: BuildSpec): Promise<{ context: BuildContext | null; hash: string | null }> {
    if (isRemote(build.context)) return { context: null, hash: null };
    const { context: folder, dockerfile, dockerfileInline: dockerfileText } = build;
    const key = JSON.stringify([folder, dockerfile, dockerfileText]);
    const read = this.#contexts.get(key) ?? readWhole(folder, dockerfile, dockerfileText);
    this.#contexts.set(key, read);
    const { context, hash } = await read.catch((error: unknown) => {
      throw this.#contextFailure(need, folder, error);
    });
    const { args, target } = build;
    return { context, hash: `${hash.slice(0, 40)}-${settingsHash([args, target, need.platform])}` };
  }

  #contextFailure(need: ImageNeed, folder: string, error: unknown): FlotillaError {
    const { code, path } = error as NodeJS.ErrnoException;
    const [service = ''] = need.services;
    const { file } = this.#options.model;
    const isFolder = path?.replace(/\/+$/, '') === folder.replace(/\/+$/, '');
    if (isFolder && (code === 'ENOENT' || code === 'ENOTDIR')) {
      return new FlotillaError('BUILD_FOLDER_MISSING', { folder, service, file }, { cause: error });
    }
    if (code === 'ENOENT' && path !== undefined) {
      return new FlotillaError('DOCKERFILE_MISSING', { path, service, file }, { cause: error });
    }
    return buildFailure(need.image, undefined, error);
  }

  /** An image's identity and labels; null when it is not there. */
  async #find(image: string): Promise<FoundImage | null> {
    try {
      const { Id, Config } = await this.#options.docker.getImage(image).inspect();
      return { id: Id, labels: Config?.Labels ?? {} };
    } catch (error) {
      if ((error as { statusCode?: unknown }).statusCode === 404) return null;
      throw new FlotillaError('RUNTIME_UNAVAILABLE', {
        runtime: 'docker',
        detail: `its engine does not say whether ${image} is there (${engineWords(error)})`,
        remedy: 'See what is wrong with it: flotilla doctor',
      });
    }
  }

  async #inLane(
    lane: Lane,
    need: ImageNeed,
    turn: Turn,
    work: (onMessage: (message: EngineMessage) => void) => Promise<void>,
  ): Promise<void> {
    this.#tell(need, newProgress(need), true);
    let error: ErrorView | null = null;
    try {
      await turn.before;
      const running = lane.run(this.#over.signal, async () => {
        this.#change(need, (progress) => begun(progress, Date.now()), true);
        await work((message) => {
          const before = this.#progress.get(need);
          if (before === undefined) return;
          const after = told(before, message);
          this.#tell(need, after, after.step !== before.step);
        });
      });
      turn.placed();
      await running;
    } catch (thrown) {
      error = toErrorView(thrown);
      throw thrown;
    } finally {
      this.#change(need, (progress) => ended(progress, error, Date.now()), true);
    }
  }

  #change(need: ImageNeed, change: (progress: ImageProgress) => ImageProgress, now: boolean): void {
    const progress = this.#progress.get(need);
    if (progress !== undefined) this.#tell(need, change(progress), now);
  }

  /** Tells now, or a moment later together with what comes until then. */
  #tell(need: ImageNeed, progress: ImageProgress, now: boolean): void {
    this.#progress.set(need, progress);
    if (this.#over.signal.aborted) return;
    const timer = this.#timers.get(need);
    if (timer !== undefined && !now) return;
    clearTimeout(timer);
    const tell = (): void => {
      this.#timers.delete(need);
      const latest = this.#progress.get(need);
      if (latest !== undefined) this.#options.onProgress(latest);
    };
    if (now) tell();
    else this.#timers.set(need, setTimeout(tell, TELL_MS));
  }
}

async function readWhole(folder: string, dockerfile: string | null, dockerfileText: string | null) {
  const context = await readContext({ folder, dockerfile, dockerfileText });
  return { context, hash: await contextHash(context) };
}

const settingsHash = (settings: unknown): string =>
  createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16);
