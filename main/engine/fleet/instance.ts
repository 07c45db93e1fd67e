import { toErrorView } from '../../contract/index.ts';
import { type FleetRun, type InstanceRef, instanceId } from '../runtimes/index.ts';
import { Prober, type Standing } from './health/prober.ts';
import {
  type Life,
  type LifeEffect,
  type LifeEvent,
  type LifeNote,
  type LifeRules,
  newLife,
} from './lifecycle/life.ts';
import { step } from './lifecycle/step.ts';
import type { Healthcheck, ServiceSpec } from './model.ts';

export interface InstanceListener {
  /** Its life is another now. */
  changed(): void;
  noted(instance: Instance, note: LifeNote): void;
}

/** One instance of a service: its life as `step` makes it, and what that asks for, carried out on the run. */
export class Instance {
  readonly ref: InstanceRef;
  readonly spec: ServiceSpec;
  /** As the runtime carries it out. */
  readonly healthcheck: Healthcheck | null;
  readonly #run: FleetRun;
  readonly #rules: LifeRules;
  readonly #listener: InstanceListener;
  #life: Life;
  /** What the runtime is asked to do with it, one thing after the other. */
  #queue: Promise<void> = Promise.resolve();
  #prober: Prober | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  /** How often the runtime could not do what it was asked. */
  failures = 0;
  /** Why it could not, the last time. */
  failure: unknown = null;

  constructor(run: FleetRun, spec: ServiceSpec, index: number, listener: InstanceListener) {
    this.ref = { service: spec.id, index };
    this.spec = spec;
    this.healthcheck = run.healthcheck(spec);
    this.#run = run;
    this.#rules = {
      restart: spec.restart,
      healthcheck: this.healthcheck,
      handsOff: spec.attached !== undefined,
    };
    this.#listener = listener;
    this.#life = newLife(this.ref);
  }

  get life(): Life {
    return this.#life;
  }

  /** Puts back what was known of it before the engine restarted. */
  recall(known: Pick<Life, 'stoppedByUser' | 'restarts'>): void {
    this.#life = { ...this.#life, stoppedByUser: known.stoppedByUser, restarts: known.restarts };
  }

  /** Lets something happen to it, with all that follows. */
  dispatch(event: LifeEvent): void {
    if (this.#closed) return;
    const before = this.#life;
    const { life, effects, notes } = step(before, event, this.#rules, Date.now());
    this.#life = life;
    // A probe that finds it as it was: most of what happens to a fleet, and nothing to tell.
    if (effects.length === 0 && notes.length === 0 && isSame(before, life)) return;
    for (const note of notes) this.#listener.noted(this, note);
    for (const effect of effects) this.#perform(effect);
    this.#watchHealth(before);
    this.#watchBackoff(before);
    this.#listener.changed();
  }

  /** Ends all watching; what runs goes on. */
  close(): void {
    this.#closed = true;
    this.#prober?.stop();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #perform(effect: LifeEffect): void {
    const failed = (error: unknown): void => this.#defect(effect, error);
    // A kill does not wait for a stop that is taking its time.
    if (effect === 'kill') void this.#run.kill(this.ref).catch(failed);
    else this.#queue = this.#queue.then(() => this.#carryOut(effect)).catch(failed);
  }

  async #carryOut(effect: Exclude<LifeEffect, 'kill'>): Promise<void> {
    if (this.#closed) return;
    switch (effect) {
      case 'spawn':
        // Stopped again before its turn came.
        if (this.#life.state !== 'starting') return this.dispatch({ kind: 'gone' });
        return this.#spawn();
      case 'stop':
        return this.#stop();
      case 'pause':
        await this.#run.pause(this.ref);
        return this.dispatch({ kind: 'paused' });
      case 'resume':
        await this.#run.resume(this.ref);
        return this.dispatch({ kind: 'resumed' });
    }
  }

  /** What could not be made to end runs on, and is told to. */
  async #stop(): Promise<void> {
    try {
      await this.#end();
    } catch (error) {
      // It has ended all the same.
      if (this.#life.state !== 'stopping') return;
      this.#defect('stop', error);
      return this.dispatch({ kind: 'stop-failed' });
    }
    this.dispatch({ kind: 'gone' });
  }

  #end(): Promise<void> {
    const { restart } = this.#run;
    // The start that follows then finds it running.
    if (this.#life.startAfterStop && restart !== undefined) return restart.call(this.#run, this.ref);
    return this.#run.stop(this.ref);
  }

  async #spawn(): Promise<void> {
    try {
      const running = await this.#run.start(this.ref);
      this.dispatch({ kind: 'spawned', running });
    } catch (error) {
      this.dispatch({ kind: 'spawn-failed', error: toErrorView(error) });
    }
  }

  #defect(effect: LifeEffect, error: unknown): void {
    if (this.#closed) return;
    const text = `${instanceId(this.ref)}: ${effect} failed: ${toErrorView(error).message}`;
    this.failures += 1;
    this.failure = error;
    this.#listener.noted(this, { kind: 'action', level: 'error', text });
    // Whoever waits for it waits in vain.
    this.#listener.changed();
  }

  /** Asks about its health for as long as it runs, and no longer. */
  #watchHealth(before: Life): void {
    const asked = isAsked(this.#life);
    const another = before.startedAtMs !== this.#life.startedAtMs;
    if (this.#prober !== null && (another || !asked)) {
      this.#prober.stop();
      this.#prober = null;
    }
    if (this.#prober !== null || this.healthcheck === null || !asked) return;
    this.#prober = new Prober(this.#run, this.ref, this.healthcheck, ({ ok, detail }) => {
      this.dispatch({ kind: 'probed', ok, detail });
      return standing(this.#life);
    });
  }

  #watchBackoff(before: Life): void {
    const { nextStartAtMs } = this.#life;
    if (before.nextStartAtMs === nextStartAtMs) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (nextStartAtMs === null) return;
    const waitMs = Math.max(0, nextStartAtMs - Date.now());
    this.#timer = setTimeout(() => this.dispatch({ kind: 'proceed' }), waitMs);
    this.#timer.unref();
  }
}

function isSame(before: Life, life: Life): boolean {
  return (Object.keys(life) as (keyof Life)[]).every((key) => before[key] === life[key]);
}

function isAsked(life: Life): boolean {
  return (life.state === 'starting' || life.state === 'running') && life.startedAtMs !== null;
}

function standing(life: Life): Standing {
  if (!isAsked(life)) return null;
  if (life.health === 'healthy') return 'healthy';
  return life.state === 'starting' ? 'starting' : 'unhealthy';
}
