import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import {
  type FaultKind,
  type FaultRequest,
  type FaultView,
  FlotillaError,
  toErrorView,
} from '../../../contract/index.ts';
import { LONGEST_TIMER_MS } from '../longest-timer.ts';
import { checkRequest, type FaultGround } from './check-request.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { placeOf, Turns } from './turns.ts';

/**
 * Puts faults of some kinds on and takes them off. Both may be called twice for the same fault and must not mind; for one fault
 * never at the same time.
 */
export interface FaultApplier {
  /**
   * What has to be known to take it off again; asked before it is written down and put on, and by a preview. Changes nothing.
   * @throws FlotillaError when it cannot be put on as it is asked for
   */
  before(fault: LedgerEntry): Promise<Record<string, unknown>>;
  apply(fault: LedgerEntry): Promise<void>;
  /** Resolves when nothing of it is left, also when what it was on is gone. */
  revert(fault: LedgerEntry): Promise<void>;
}

export interface FaultsOptions {
  readonly catalogue: readonly FaultKind[];
  readonly ledger: Ledger;
  /** Null while there is no fleet. */
  ground(): (FaultGround & { readonly runId: string }) | null;
  applierFor(kind: FaultKind): FaultApplier;
  /**
   * Takes off what can be of a fault whose kind the catalogue does not have, written down by another version. It is tried again
   * while it rejects.
   */
  takeOffUnknown(entry: LedgerEntry): Promise<void>;
  /** The faults that are on, whenever that changed; whether new ones are refused. */
  onChange(faults: readonly FaultView[], isBlocked: boolean): void;
  /** A fault was put on, or has ended: for the timeline. `untilMs` is when it ended. */
  onMark?(fault: FaultView, untilMs: number | null): void;
  /** It was struck out though something of it may be left: nothing here knows how to take it off. */
  onGivenUp?(fault: FaultView): void;
}

interface Standing {
  readonly state: FaultView['state'];
  readonly problem: string | null;
}

/** A request that was found good, before anything is done. */
export interface FaultDraft {
  readonly kind: FaultKind;
  readonly entry: LedgerEntry;
  readonly ground: FaultGround;
}

const RETRY_MS = 2000;

/**
 * The faults that are on. A fault is written down before it is put on and struck out after it was taken off, by its time to
 * live, by hand, or by the engine after one that died; one that cannot be taken off is tried again until it is. Only one whose kind
 * another version knew is given up, as trying again would not teach it to this one.
 */
export class Faults {
  readonly #options: FaultsOptions;
  readonly #standing = new Map<string, Standing>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #reverting = new Map<string, Promise<void>>();
  /** What is being put on, for the first time or again; never rejects. */
  readonly #applying = new Map<string, Promise<void>>();
  readonly #retries = new Map<string, NodeJS.Timeout>();
  readonly #turns = new Turns();
  #closed = false;

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  /** Takes off whatever an engine before this one left on. Resolves when it was tried once. */
  async recover(): Promise<void> {
    this.#tell();
    await Promise.all(this.#options.ledger.entries.map((entry) => this.#revert(entry)));
  }

  views(): FaultView[] {
    return this.#options.ledger.entries.map((entry) => this.#view(entry));
  }

  get isBlocked(): boolean {
    return this.#options.ledger.isBlocked;
  }

  /**
   * What would be put on. Nothing is changed.
   * @throws FlotillaError FLEET_NOT_LOADED, FAULTS_BLOCKED, what `checkRequest` gives, and what its applier gives
   */
  async draft(request: z.output<typeof FaultRequest>): Promise<FaultDraft> {
    const ground = this.#options.ground();
    if (ground === null) throw new FlotillaError('FLEET_NOT_LOADED');
    if (this.isBlocked) throw new FlotillaError('FAULTS_BLOCKED');
    const { kind, parameters } = checkRequest(request, ground, this.#options.catalogue);
    const entry: LedgerEntry = {
      id: randomUUID().slice(0, 8),
      runId: ground.runId,
      kind: kind.kind,
      target: request.target,
      parameters,
      sinceMs: Date.now(),
      untilMs: null,
      experiment: request.experiment,
      before: {},
    };
    const before = await this.#options.applierFor(kind).before(entry);
    const sinceMs = Date.now();
    const isLasting = !kind.isMoment && request.forSeconds !== null;
    const untilMs = isLasting ? sinceMs + (request.forSeconds ?? 0) * 1000 : null;
    return { kind, ground, entry: { ...entry, sinceMs, untilMs, before } };
  }

  /** @throws FlotillaError what `draft` gives, and what keeps it from being put on; then nothing of it is on */
  async add(request: z.output<typeof FaultRequest>): Promise<FaultView> {
    // In turn: how it was before must not be asked while one like it that nobody has written down yet is put on.
    const { kind, entry } = await this.#turns.take(placeOf(request), () => this.#writeDown(request));
    // Not only once it is on: what takes long to be put on may be on in parts, and its time runs.
    this.#schedule(entry);
    try {
      await this.#apply(entry);
    } catch (error) {
      await this.#revert(entry);
      throw error;
    }
    // It may have been taken off while it was put on.
    if (this.#reverting.has(entry.id) || !this.#isOn(entry)) return this.#view(entry);
    if (kind.isMoment) {
      this.#options.ledger.remove(entry.id);
      const view: FaultView = { ...this.#view(entry), state: 'active' };
      this.#options.onMark?.(view, Date.now());
      this.#forget(entry.id);
      return view;
    }
    this.#stand(entry, 'active');
    this.#options.onMark?.(this.#view(entry), null);
    return this.#view(entry);
  }

  async #writeDown(request: z.output<typeof FaultRequest>): Promise<FaultDraft> {
    const draft = await this.draft(request);
    // While the past was asked after somebody may have stopped everything, or the fleet.
    if (this.isBlocked) throw new FlotillaError('FAULTS_BLOCKED');
    if (this.#options.ground()?.runId !== draft.entry.runId) throw new FlotillaError('FLEET_NOT_LOADED');
    this.#options.ledger.add(draft.entry);
    this.#stand(draft.entry, 'applying');
    return draft;
  }

  /** Puts what is on it on again: the target started anew and knows nothing of it. What fails is tried again. */
  async reapply(isMeant: (entry: LedgerEntry) => boolean): Promise<void> {
    const meant = this.#options.ledger.entries.filter(
      (entry) => isMeant(entry) && this.#retries.get(entry.id) === undefined,
    );
    await Promise.all(meant.map((entry) => this.#applyAgain(entry)));
  }

  async #applyAgain(entry: LedgerEntry): Promise<void> {
    // What started anew while it was being put on may have missed it.
    await this.#applying.get(entry.id);
    const isStanding = this.#standing.get(entry.id)?.state === 'active' || this.#retries.has(entry.id);
    if (!isStanding || this.#reverting.has(entry.id) || this.#closed) return;
    this.#endRetry(entry);
    try {
      await this.#apply(entry);
      if (this.#standing.get(entry.id)?.state === 'failed') this.#stand(entry, 'active');
    } catch (error) {
      if (this.#reverting.has(entry.id) || !this.#isOn(entry) || this.#closed) return;
      this.#stand(entry, 'failed', toErrorView(error).message);
      this.#retries.set(
        entry.id,
        setTimeout(() => void this.#applyAgain(entry), RETRY_MS),
      );
    }
  }

  /** One after the other for a fault; who takes it off waits for it. */
  #apply(entry: LedgerEntry): Promise<void> {
    const before = this.#applying.get(entry.id) ?? Promise.resolve();
    const applied = before.then(() => this.#applier(entry).apply(entry));
    const settled = applied
      .catch(() => undefined)
      .then(() => {
        if (this.#applying.get(entry.id) === settled) this.#applying.delete(entry.id);
      });
    this.#applying.set(entry.id, settled);
    return applied;
  }

  #isOn(entry: LedgerEntry): boolean {
    return this.#options.ledger.entries.some((one) => one.id === entry.id);
  }

  #endRetry(entry: LedgerEntry): void {
    clearTimeout(this.#retries.get(entry.id));
    this.#retries.delete(entry.id);
  }

  /** @throws FlotillaError NOT_FOUND */
  async remove(id: string): Promise<void> {
    const entry = this.#options.ledger.entries.find((one) => one.id === id);
    if (entry === undefined) throw new FlotillaError('NOT_FOUND', { what: 'fault', name: id });
    await this.#revert(entry);
  }

  /** Takes all off, or those that are meant. */
  async clear(isMeant: (entry: LedgerEntry) => boolean = () => true): Promise<void> {
    await Promise.all(this.#options.ledger.entries.filter(isMeant).map((entry) => this.#revert(entry)));
  }

  /** Takes all off and lets no new ones on until `release`. */
  async stopAll(): Promise<void> {
    this.#options.ledger.setBlocked(true);
    this.#tell();
    await this.clear();
  }

  release(): void {
    this.#options.ledger.setBlocked(false);
    this.#tell();
  }

  /** Lets go; what is on stays on and in the ledger. */
  close(): void {
    this.#closed = true;
    for (const timer of [...this.#timers.values(), ...this.#retries.values()]) clearTimeout(timer);
    this.#timers.clear();
    this.#retries.clear();
  }

  #schedule(entry: LedgerEntry): void {
    if (entry.untilMs !== null) this.#endAt(entry, performance.now() + entry.untilMs - Date.now());
  }

  /** By the clock that nobody sets: a fault must not last longer because it is suddenly an hour ago. */
  #endAt(entry: LedgerEntry, endMs: number): void {
    if (this.#closed) return;
    const leftMs = endMs - performance.now();
    const timer = setTimeout(
      () => {
        this.#timers.delete(entry.id);
        if (leftMs > LONGEST_TIMER_MS) this.#endAt(entry, endMs);
        else void this.#revert(entry);
      },
      Math.min(Math.max(0, leftMs), LONGEST_TIMER_MS),
    );
    this.#timers.set(entry.id, timer);
  }

  /** Never rejects: what could not be taken off is tried again. A second call waits for the first. */
  #revert(entry: LedgerEntry): Promise<void> {
    const running = this.#reverting.get(entry.id);
    if (running !== undefined) return running;
    clearTimeout(this.#timers.get(entry.id));
    this.#timers.delete(entry.id);
    this.#endRetry(entry);
    const reverting = this.#tryRevert(entry).finally(() => this.#reverting.delete(entry.id));
    this.#reverting.set(entry.id, reverting);
    return reverting;
  }

  async #tryRevert(entry: LedgerEntry): Promise<void> {
    this.#stand(entry, 'reverting');
    await this.#applying.get(entry.id);
    const kind = this.#kindOf(entry);
    try {
      await (kind === undefined ? this.#options.takeOffUnknown(entry) : this.#options.applierFor(kind).revert(entry));
    } catch (error) {
      this.#stand(entry, 'failed', toErrorView(error).message);
      if (this.#closed) return;
      this.#timers.set(
        entry.id,
        setTimeout(() => void this.#revert(entry), RETRY_MS),
      );
      return;
    }
    const ended = this.#view(entry);
    if (kind === undefined) {
      this.#options.ledger.giveUp(entry.id);
      this.#options.onGivenUp?.(ended);
    } else {
      this.#options.ledger.remove(entry.id);
      this.#options.onMark?.(ended, Date.now());
    }
    this.#forget(entry.id);
  }

  #kindOf(entry: LedgerEntry): FaultKind | undefined {
    return this.#options.catalogue.find((one) => one.kind === entry.kind);
  }

  #applier(entry: LedgerEntry): FaultApplier {
    const kind = this.#kindOf(entry);
    if (kind === undefined) throw new FlotillaError('FAULT_UNKNOWN', { kind: entry.kind, known: '' });
    return this.#options.applierFor(kind);
  }

  #stand(entry: LedgerEntry, state: FaultView['state'], problem: string | null = null): void {
    this.#standing.set(entry.id, { state, problem });
    this.#tell();
  }

  #forget(id: string): void {
    this.#standing.delete(id);
    this.#tell();
  }

  #tell(): void {
    this.#options.onChange(this.views(), this.isBlocked);
  }

  #view(entry: LedgerEntry): FaultView {
    const { id, kind, target, parameters, sinceMs, untilMs, experiment } = entry;
    const { state, problem } = this.#standing.get(id) ?? { state: 'reverting' as const, problem: null };
    const since = new Date(sinceMs).toISOString();
    const until = untilMs === null ? null : new Date(untilMs).toISOString();
    return { id, kind, target, parameters, since, until, state, problem, experiment };
  }
}
