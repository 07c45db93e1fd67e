import { type ErrorView, type ImageProgress, type ServiceId, toErrorView } from '../../contract/index.ts';
import type { FleetRun } from '../runtimes/index.ts';
import { imageWords } from './lifecycle/image-words.ts';

export interface PreparationsListener {
  /** A service that was waited for has what it needs. */
  ready(): void;
  failed(service: ServiceId, error: ErrorView): void;
}

/** What services need that may have to be fetched before they can start, such as images: each service once for each start. */
export class Preparations {
  readonly #run: Pick<FleetRun, 'prepare'>;
  readonly #listener: PreparationsListener;
  readonly #states = new Map<ServiceId, 'pending' | 'ready'>();
  readonly #images = new Map<ServiceId, ImageProgress>();

  constructor(run: Pick<FleetRun, 'prepare'>, listener: PreparationsListener) {
    this.#run = run;
    this.#listener = listener;
  }

  /** Whether a service that waits has what it needs; begins to fetch it when nobody has yet. */
  isReady(service: ServiceId): boolean {
    if (this.#run.prepare === undefined || this.#states.get(service) === 'ready') return true;
    if (!this.#states.has(service)) void this.#fetch(service, this.#run.prepare(service));
    return false;
  }

  /** It was started: the next start looks again. */
  used(service: ServiceId): void {
    this.#states.delete(service);
  }

  told(progress: ImageProgress): void {
    for (const service of progress.services) this.#images.set(service, progress);
  }

  /** What a service waits for, as a sentence; null when it is nothing that takes its time. */
  words(service: ServiceId): string | null {
    return this.#states.get(service) === 'pending' ? imageWords(this.#images.get(service)) : null;
  }

  async #fetch(service: ServiceId, fetched: Promise<void>): Promise<void> {
    this.#states.set(service, 'pending');
    try {
      await fetched;
      this.#states.set(service, 'ready');
      this.#listener.ready();
    } catch (error) {
      this.#states.delete(service);
      this.#listener.failed(service, toErrorView(error));
    }
  }
}
