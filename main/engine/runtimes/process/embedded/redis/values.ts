import { Deque } from './deque.ts';

/** What an entry of a container takes beyond its text, about. */
const ENTRY_BYTES = 48;

/**
 * The values that a key can hold. Each knows about how many bytes it takes, kept up to date with every change, so that the
 * memory limit needs no walk over the data.
 */
export type Value = StringValue | HashValue | ListValue | SetValue | SortedSetValue;
export type ValueType = Value['type'];

export class StringValue {
  readonly type = 'string';
  text: string;

  constructor(text: string) {
    this.text = text;
  }

  get bytes(): number {
    return this.text.length;
  }

  get size(): number {
    return 1;
  }
}

export class HashValue {
  readonly type = 'hash';
  readonly #fields = new Map<string, string>();
  bytes = 0;

  get size(): number {
    return this.#fields.size;
  }

  get(field: string): string | null {
    return this.#fields.get(field) ?? null;
  }

  /** Whether the field is new. */
  set(field: string, value: string): boolean {
    const old = this.#fields.get(field);
    this.bytes += old === undefined ? ENTRY_BYTES + field.length + value.length : value.length - old.length;
    this.#fields.set(field, value);
    return old === undefined;
  }

  delete(field: string): boolean {
    const old = this.#fields.get(field);
    if (old === undefined) return false;
    this.bytes -= ENTRY_BYTES + field.length + old.length;
    return this.#fields.delete(field);
  }

  entries(): [string, string][] {
    return [...this.#fields];
  }
}

export class ListValue {
  readonly type = 'list';
  readonly #items = new Deque();
  bytes = 0;

  get size(): number {
    return this.#items.length;
  }

  push(side: 'left' | 'right', item: string): void {
    this.bytes += ENTRY_BYTES + item.length;
    if (side === 'left') this.#items.pushLeft(item);
    else this.#items.pushRight(item);
  }

  pop(side: 'left' | 'right'): string | null {
    const item = side === 'left' ? this.#items.popLeft() : this.#items.popRight();
    if (item !== null) this.bytes -= ENTRY_BYTES + item.length;
    return item;
  }

  at(index: number): string | null {
    return this.#items.at(index < 0 ? this.size + index : index);
  }

  set(index: number, item: string): void {
    const old = this.#items.at(index);
    this.bytes += item.length - (old?.length ?? 0);
    this.#items.set(index, item);
  }

  /** The items from `start` to `stop`, both included; negative ones count from the end, as Redis's do. */
  range(start: number, stop: number): string[] {
    const { from, to } = clampRange(start, stop, this.size);
    return this.#items.slice(from, to);
  }

  replace(items: string[]): void {
    this.#items.replace(items);
    this.bytes = items.reduce((total, item) => total + ENTRY_BYTES + item.length, 0);
  }
}

export class SetValue {
  readonly type = 'set';
  readonly #members = new Set<string>();
  bytes = 0;

  get size(): number {
    return this.#members.size;
  }

  has(member: string): boolean {
    return this.#members.has(member);
  }

  add(member: string): boolean {
    if (this.#members.has(member)) return false;
    this.#members.add(member);
    this.bytes += ENTRY_BYTES + member.length;
    return true;
  }

  delete(member: string): boolean {
    if (!this.#members.delete(member)) return false;
    this.bytes -= ENTRY_BYTES + member.length;
    return true;
  }

  members(): string[] {
    return [...this.#members];
  }
}

export interface Scored {
  readonly member: string;
  readonly score: number;
}

/** By score, then by the bytes of the member. The order is made when it is asked for and kept until the next change. */
export class SortedSetValue {
  readonly type = 'zset';
  readonly #scores = new Map<string, number>();
  #sorted: Scored[] | null = null;
  bytes = 0;

  get size(): number {
    return this.#scores.size;
  }

  score(member: string): number | null {
    return this.#scores.get(member) ?? null;
  }

  set(member: string, score: number): void {
    if (!this.#scores.has(member)) this.bytes += 2 * ENTRY_BYTES + member.length;
    this.#scores.set(member, score);
    this.#sorted = null;
  }

  delete(member: string): boolean {
    if (!this.#scores.delete(member)) return false;
    this.bytes -= 2 * ENTRY_BYTES + member.length;
    this.#sorted = null;
    return true;
  }

  sorted(): readonly Scored[] {
    this.#sorted ??= [...this.#scores]
      .map(([member, score]) => ({ member, score }))
      .sort((a, b) => a.score - b.score || (a.member < b.member ? -1 : 1));
    return this.#sorted;
  }
}

/** Redis's inclusive ranges, negative from the end, as indexes from 0; `to` is below `from` when there is nothing. */
export function clampRange(start: number, stop: number, length: number): { from: number; to: number } {
  const from = Math.max(0, start < 0 ? length + start : start);
  const to = Math.min(length - 1, stop < 0 ? length + stop : stop);
  return { from, to };
}
