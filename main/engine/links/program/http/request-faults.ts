import type { Direction, Toxic } from '../toxic.ts';
import { httpToxicTypes } from './http-toxic-types.ts';
import { type RequestHead, requestMatcher } from './matcher.ts';

/** What faults do to one request; the first that answers or drops it decides. */
export interface RequestPlan {
  readonly delays: { readonly toxic: Toxic; readonly at: Direction; readonly ms: number }[];
  readonly headers: { readonly at: Direction; readonly name: string; readonly value: string | null }[];
  readonly bodies: Partial<Record<Direction, { readonly body: Buffer; readonly contentType: string }>>;
  end: RequestEnd | null;
}

/** How a fault ends a request itself. */
export interface RequestEnd {
  readonly toxic: Toxic;
  readonly at: Direction;
  readonly kind: 'abort' | 'reset' | 'hang';
}

interface Fault {
  readonly toxic: Toxic;
  readonly matches: (head: RequestHead) => boolean;
  seen: number;
}

/** The HTTP faults of a link. */
export class RequestFaults {
  readonly #toxics: readonly Toxic[];
  #faults: Fault[] = [];

  constructor(toxics: readonly Toxic[]) {
    this.#toxics = toxics;
  }

  get isAny(): boolean {
    return this.#faults.length > 0;
  }

  isActive(toxic: Toxic): boolean {
    return this.#toxics.includes(toxic);
  }

  /** Reads the toxics anew; whether there are or were HTTP faults among them. */
  reload(): boolean {
    const before = this.#faults;
    this.#faults = this.#toxics
      .filter(({ type }) => type in httpToxicTypes)
      .map((toxic) => ({
        toxic,
        matches: requestMatcher(toxic.attributes),
        seen: before.find((fault) => fault.toxic === toxic)?.seen ?? 0,
      }));
    return before.length > 0 || this.#faults.length > 0;
  }

  /** What happens to this request; null for nothing. */
  plan(head: RequestHead): RequestPlan | null {
    let plan: RequestPlan | null = null;
    for (const fault of this.#faults) {
      if (!this.#hits(fault, head)) continue;
      plan ??= { delays: [], headers: [], bodies: {}, end: null };
      apply(fault.toxic, plan);
    }
    return plan;
  }

  #hits(fault: Fault, head: RequestHead): boolean {
    if (!fault.matches(head)) return false;
    const { toxic } = fault;
    fault.seen += 1;
    if (toxic.type === 'http_drop_nth' && fault.seen % Number(toxic.attributes.nth) !== 0) return false;
    return Math.random() < toxic.toxicity * (Number(toxic.attributes.percentage) / 100);
  }
}

function apply(toxic: Toxic, plan: RequestPlan): void {
  const { attributes, stream: at } = toxic;
  switch (toxic.type) {
    case 'http_abort':
      plan.end ??= { toxic, at, kind: 'abort' };
      break;
    case 'http_drop_nth':
      plan.end ??= { toxic, at, kind: attributes.mode === 'hang' ? 'hang' : 'reset' };
      break;
    case 'http_delay': {
      const jitter = (Math.random() * 2 - 1) * Number(attributes.jitter);
      plan.delays.push({ toxic, at, ms: Math.max(0, Number(attributes.latency) + jitter) });
      break;
    }
    case 'http_header':
      if (attributes.name) {
        const value = String(attributes.value);
        plan.headers.push({ at, name: String(attributes.name), value: value === '' ? null : value });
      }
      break;
    case 'http_body':
      plan.bodies[at] = { body: Buffer.from(String(attributes.body)), contentType: String(attributes.content_type) };
      break;
  }
}

/** How long a plan delays at a place; 0 for not at all. */
export const delayOf = (plan: RequestPlan | null, at: Direction): number =>
  plan?.delays.reduce((sum, delay) => sum + (delay.at === at ? delay.ms : 0), 0) ?? 0;

/** The statuses that gRPC's clients tell for an HTTP status (grpc/doc/http-grpc-status-mapping.md). */
const grpcOfHttp: Readonly<Record<number, number>> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
};

/** The gRPC status that an abort answers with. */
export function grpcStatusOf({ attributes }: Toxic): number {
  const own = Number(attributes.grpc_status);
  return own >= 0 ? own : (grpcOfHttp[Number(attributes.status)] ?? 2);
}
