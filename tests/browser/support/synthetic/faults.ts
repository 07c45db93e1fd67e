import type { z } from 'zod';
import {
  type ApiHandlers,
  type FaultPreview,
  type FaultRequest,
  type FaultView,
  FlotillaError,
  type LinkInfo,
  linkName,
} from '../../../../main/contract/index.ts';
import { catalogue } from '../../../../main/engine/chaos/catalogue/index.ts';
import { checkRequest, type FaultGround } from '../../../../main/engine/chaos/faults/check-request.ts';
import type { SyntheticFleet } from './fleet.ts';
import { callOf, type Disturbance, type World } from './world.ts';

type Answers = Pick<
  ApiHandlers,
  'links.list' | 'fault.kinds' | 'fault.preview' | 'fault.add' | 'fault.remove' | 'fault.stop' | 'fault.release'
>;
type Request = z.output<typeof FaultRequest>;

const PORTS: Readonly<Record<string, number>> = { http: 0, grpc: 1 };

/** The fleet's links and what is broken by them and beside them: the real catalogue and its checks over the made-up shop. */
export class SyntheticFaults {
  readonly #world: World;
  readonly #fleet: SyntheticFleet;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #count = 0;
  /** Makes a fault that cannot be taken off. */
  isStuck = false;
  /** Told when everything is stopped. */
  onStop: () => void = () => {};

  constructor(world: World, fleet: SyntheticFleet) {
    this.#world = world;
    this.#fleet = fleet;
  }

  answers(): Answers {
    return {
      'links.list': () => this.#links(),
      'fault.kinds': () => [...catalogue],
      'fault.preview': (request) => this.#preview(request),
      'fault.add': (request) => this.add(request),
      'fault.remove': ({ id }) => this.remove(id),
      'fault.stop': () => {
        this.onStop();
        for (const fault of this.#faults) this.remove(fault.id);
        this.#put(this.#faults, true);
      },
      'fault.release': () => this.#put(this.#faults, false),
    };
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  get #faults(): readonly FaultView[] {
    return this.#fleet.state.chaos.faults;
  }

  #put(faults: readonly FaultView[], isBlocked = this.#fleet.state.chaos.isBlocked): void {
    this.#fleet.change({ kind: 'faults', faults: [...faults], isBlocked });
  }

  #links(): LinkInfo[] {
    const { fleet } = this.#fleet.state;
    if (!fleet || fleet.attached || fleet.state === 'stopped') return [];
    const found = new Map<string, LinkInfo>();
    for (const edge of this.#world.edges) {
      const { from, to } = callOf(edge);
      const callee = this.#world.services.find((one) => one.id === to);
      const port = callee?.ports[PORTS[edge.protocol] ?? 0] ?? callee?.ports[0];
      if (!port || !this.#world.services.some((one) => one.id === from)) continue;
      const name = linkName(from, to, port.port);
      found.set(name, {
        name,
        from,
        to,
        port: port.port,
        protocol: edge.protocol,
        listen: `127.0.0.1:${30_000 + port.port}`,
        upstream: `127.0.0.1:${20_000 + port.port}`,
        connections: { open: 4, total: 120, refused: 0 },
        bytes: { upstream: 41_000, downstream: 940_000 },
        requests: port.protocol === 'http' || port.protocol === 'grpc' ? { total: 840, errors: 3 } : null,
      });
    }
    return [...found.values()];
  }

  #ground(): FaultGround {
    const { fleet } = this.#fleet.state;
    if (!fleet) throw new FlotillaError('FLEET_NOT_LOADED');
    return {
      runtime: fleet.runtime,
      edges: this.#links(),
      services: this.#world.services.map(({ id, replicas }) => ({
        id,
        copies: Array.from({ length: replicas }, (_, index) => index + 1),
        store: id === 'postgres' || id === 'kafka' || id === 'redis' ? id : null,
      })),
    };
  }

  #preview(request: Request): FaultPreview {
    const { parameters } = checkRequest(request, this.#ground(), catalogue);
    if (this.#fleet.state.chaos.isBlocked) throw new FlotillaError('FAULTS_BLOCKED');
    const { target } = request;
    const share = Number(parameters.percent ?? 100) / 100;
    const rates = new Map<string, { from: string; to: string; requestsPerSecond: number }>();
    for (const edge of this.#world.edges) {
      const call = callOf(edge);
      const isHit =
        target.kind === 'edge' ? call.from === target.from && call.to === target.to : call.to === target.service;
      if (!isHit) continue;
      const key = `${call.from}~${call.to}`;
      const before = rates.get(key)?.requestsPerSecond ?? 0;
      rates.set(key, { ...call, requestsPerSecond: before + edge.perJourney * this.#world.dial });
    }
    const edges = [...rates.values()];
    const total = edges.reduce((sum, one) => sum + one.requestsPerSecond, 0);
    const from = edges.map((one) => one.from).join(', ');
    const rate = `about ${total.toFixed(1)} requests/s from ${from}`;
    return {
      edges,
      services: target.kind === 'service' ? [target.service] : [],
      share,
      summary:
        edges.length === 0
          ? `It acts on ${target.kind === 'service' ? target.service : target.to}, which nobody calls at the moment.`
          : `It touches ${rate}${share < 1 ? `, ${Math.round(share * 100)} % of them` : ''}.`,
    };
  }

  add(request: Request): FaultView {
    const { kind, parameters } = checkRequest(request, this.#ground(), catalogue);
    if (this.#fleet.state.chaos.isBlocked) throw new FlotillaError('FAULTS_BLOCKED');
    const now = this.#world.now();
    this.#count++;
    const lasts = kind.isMoment ? null : request.forSeconds;
    const fault: FaultView = {
      id: `fault-${this.#count}`,
      kind: kind.kind,
      target: request.target,
      parameters,
      since: new Date(now).toISOString(),
      until: lasts === null ? null : new Date(now + lasts * 1000).toISOString(),
      state: 'active',
      problem: null,
      experiment: request.experiment,
    };
    this.#mark(fault, kind.isMoment ? now : null);
    if (kind.isMoment) {
      if (request.target.kind === 'service' && kind.kind === 'kill') this.#fleet.fail(request.target.service);
      return fault;
    }
    this.#world.disturbances.push(disturbanceOf(fault, now));
    this.#put([...this.#faults, fault]);
    if (lasts !== null)
      this.#timers.set(
        fault.id,
        setTimeout(() => this.remove(fault.id), lasts * 1000),
      );
    return fault;
  }

  remove(id: string): void {
    const fault = this.#faults.find((one) => one.id === id);
    if (!fault) return;
    if (this.isStuck) {
      const problem = 'The links program at http://127.0.0.1:8474 does not answer: connection refused.';
      this.#put(this.#faults.map((one) => (one.id === id ? { ...one, state: 'failed' as const, problem } : one)));
      return;
    }
    clearTimeout(this.#timers.get(id));
    const now = this.#world.now();
    for (const one of this.#world.disturbances) if (one.id === id) one.toMs = now;
    this.#put(this.#faults.filter((one) => one.id !== id));
    this.#mark(fault, now);
  }

  #mark(fault: FaultView, untilMs: number | null): void {
    const { target } = fault;
    const place = target.kind === 'edge' ? `${target.from} -> ${target.to}` : target.service;
    this.#fleet.change({
      kind: 'mark',
      mark: {
        id: fault.id,
        kind: 'fault',
        atMs: Date.parse(fault.since),
        untilMs,
        service: (target.kind === 'edge' ? target.to : target.service) as never,
        text: `${fault.kind} on ${place}`,
      },
    });
  }
}

function disturbanceOf(fault: FaultView, fromMs: number): Disturbance {
  const share = Number(fault.parameters.percent ?? 100) / 100;
  const slowMs = Number(fault.parameters.latencyMs ?? 0) * share;
  const errors = ['refuse', 'reset', 'hang', 'http-abort', 'http-drop', 'stop', 'pause'].includes(fault.kind)
    ? share
    : 0;
  const { target } = fault;
  return {
    id: fault.id,
    from: target.kind === 'edge' ? target.from : null,
    to: target.kind === 'edge' ? target.to : target.service,
    slowMs,
    // Callers give up after 1.5 s.
    errorShare: slowMs >= 750 ? Math.max(errors, share * 0.8) : errors,
    fromMs,
    toMs: null,
  };
}
