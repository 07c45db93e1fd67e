/** A list with cheap ends: two stacks, back to back, that share out their items when one runs empty. */
export class Deque {
  /** The first items, the very first last. */
  #front: string[] = [];
  #back: string[] = [];

  get length(): number {
    return this.#front.length + this.#back.length;
  }

  pushLeft(item: string): void {
    this.#front.push(item);
  }

  pushRight(item: string): void {
    this.#back.push(item);
  }

  popLeft(): string | null {
    if (this.#front.length === 0) {
      const half = this.#back.splice(0, Math.ceil(this.#back.length / 2));
      this.#front = half.reverse();
    }
    return this.#front.pop() ?? null;
  }

  popRight(): string | null {
    if (this.#back.length === 0) {
      const half = this.#front.splice(0, Math.ceil(this.#front.length / 2));
      this.#back = half.reverse();
    }
    return this.#back.pop() ?? null;
  }

  /** The item at an index from 0; null beyond the ends. */
  at(index: number): string | null {
    if (index < 0) return null;
    const inFront = this.#front.length;
    return (index < inFront ? this.#front[inFront - 1 - index] : this.#back[index - inFront]) ?? null;
  }

  set(index: number, item: string): void {
    const inFront = this.#front.length;
    if (index < inFront) this.#front[inFront - 1 - index] = item;
    else this.#back[index - inFront] = item;
  }

  /** The items from `start` to `stop`, both included. */
  slice(start: number, stop: number): string[] {
    const items: string[] = [];
    for (let index = start; index <= stop; index += 1) {
      const item = this.at(index);
      if (item === null) break;
      items.push(item);
    }
    return items;
  }

  replace(items: string[]): void {
    this.#front = [];
    this.#back = items;
  }
}
