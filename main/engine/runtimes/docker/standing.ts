import type { FleetModel } from '../../fleet/index.ts';
import type { Availability, Readiness } from '../runtime.ts';
import { type DockerEngine, type DockerSearch, findDockerEngine } from './connection/index.ts';
import { imageStandings } from './images/index.ts';

/** For so long an answer counts: what is asked together is asked of the same engine. */
const FRESH_MS = 2000;
const READINESS_MS = 5000;

/** Whether there is a container engine, and what a fleet would have to wait for on it. */
export class DockerStanding {
  readonly #find: () => Promise<DockerSearch>;
  #search: { readonly atMs: number; readonly result: Promise<DockerSearch> } | null = null;

  constructor(find: () => Promise<DockerSearch> = () => findDockerEngine()) {
    this.#find = find;
  }

  /** The engine as it was found a moment ago, or is found now. */
  search(): Promise<DockerSearch> {
    const nowMs = Date.now();
    if (this.#search === null || nowMs - this.#search.atMs > FRESH_MS) {
      this.#search = { atMs: nowMs, result: this.#find() };
    }
    return this.#search.result;
  }

  async detect(): Promise<Availability> {
    const found = await this.search();
    if (!found.found) return { available: false, reason: found.reason, remedy: found.remedy };
    return { available: true, version: found.engine.version, detail: engineWords(found.engine) };
  }

  /** An engine that does not answer is one that has nothing: what it lacks is then found when it is used. */
  async readiness(model: FleetModel): Promise<Readiness> {
    const found = await this.search();
    const unknown = { cannotRun: [], missing: ['its images'], images: [] };
    if (!found.found) return unknown;
    const { docker, remote } = found.engine;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), READINESS_MS);
    });
    const images = await Promise.race([imageStandings(docker, model).catch(() => null), late]);
    clearTimeout(timer);
    if (images === null) return { ...unknown, remote };
    const missing = [...new Set(images.flatMap((one) => one.missing))];
    return { cannotRun: [], missing, images, remote };
  }
}

/** `Docker 28.2.2 at unix:///var/run/docker.sock (Docker Desktop)` */
function engineWords({ name, version, address, source, operatingSystem }: DockerEngine): string {
  const where = source.startsWith('DOCKER_') || source.includes('context') ? `, by ${source}` : '';
  const system = operatingSystem === '' ? '' : ` (${operatingSystem})`;
  return `${name} ${version} at ${address}${system}${where}`;
}
