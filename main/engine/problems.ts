import type { EngineProblem } from '../contract/index.ts';

/** What does not work right now, as each part of the engine tells it. Parts may tell before anybody listens. */
export class EngineProblems {
  readonly #byPart = new Map<string, readonly EngineProblem[]>();
  #listener: (all: EngineProblem[]) => void = () => {};

  get all(): EngineProblem[] {
    return [...this.#byPart.values()].flat();
  }

  /** From now on the listener is told the whole list whenever a part's changes. */
  listen(listener: (all: EngineProblem[]) => void): void {
    this.#listener = listener;
  }

  set(part: string, problems: readonly EngineProblem[]): void {
    // A part may say again and again that all is well.
    if (problems.length === 0 && !this.#byPart.get(part)?.length) return;
    this.#byPart.set(part, problems);
    this.#listener(this.all);
  }
}
