import { z } from 'zod';
import { FlotillaError, type TrafficDial } from '../../contract/index.ts';
import type { DialSpec } from './model.ts';

const POLL_MS = 10_000;
const TIMEOUT_MS = 2000;

const Answer = z.object({ rate: z.number() });

export type Reach = () => { readonly host: string; readonly port: number } | null;

/**
 * The knob of the fleet's load generator: `PUT {"rate": n}` turns it, `GET` answers `{"rate": n}`. What it stands at is
 * asked when the service becomes healthy and now and then after that, as somebody else may turn it.
 */
export class Dial {
  readonly #spec: DialSpec;
  readonly #reach: Reach;
  readonly #changed: () => void;
  #value: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #generation = 0;

  constructor(spec: DialSpec, reach: Reach, changed: () => void) {
    this.#spec = spec;
    this.#reach = reach;
    this.#changed = changed;
  }

  view(): TrafficDial {
    const { service, unit, min, max } = this.#spec;
    return { service, unit, min, max, value: this.#value };
  }

  /** Tells whether the service can be asked now. */
  setAvailable(available: boolean): void {
    if (available === (this.#timer !== null)) return;
    this.#generation += 1;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    if (!available) {
      this.#put(null);
      return;
    }
    this.#timer = setInterval(() => void this.#poll(), POLL_MS);
    this.#timer.unref();
    void this.#poll();
  }

  /** @throws FlotillaError BAD_REQUEST, SERVICE_NOT_RUNNING */
  async turn(value: number): Promise<void> {
    const { min, max, service } = this.#spec;
    if (!(value >= min && value <= max)) {
      throw new FlotillaError('BAD_REQUEST', { detail: `the dial goes from ${min} to ${max}, not to ${value}` });
    }
    this.#generation += 1;
    const answer = await this.#call({ method: 'PUT', body: JSON.stringify({ rate: value }) }).catch(
      (cause: unknown) => {
        throw new FlotillaError('SERVICE_NOT_RUNNING', { service }, { cause });
      },
    );
    this.#put(Answer.safeParse(answer).data?.rate ?? value);
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#generation += 1;
  }

  async #poll(): Promise<void> {
    const generation = this.#generation;
    const answer = await this.#call({ method: 'GET' }).catch(() => null);
    // Turned or gone in the meantime: what was heard is old.
    if (generation === this.#generation) this.#put(Answer.safeParse(answer).data?.rate ?? null);
  }

  async #call(init: RequestInit): Promise<unknown> {
    const target = this.#reach();
    if (target === null) throw new Error('it has no address yet');
    const response = await fetch(`http://${target.host}:${target.port}${this.#spec.path}`, {
      ...init,
      headers: { 'content-type': 'application/json', connection: 'close' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = (await response.text()).slice(0, 10_000);
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return text === '' ? null : JSON.parse(text);
  }

  #put(value: number | null): void {
    if (value === this.#value) return;
    this.#value = value;
    this.#changed();
  }
}
