import type { DurationHistogram } from './duration-histogram.ts';

/** How often something was called, how often it failed, and how long it took. */
export interface Traffic {
  readonly count: number;
  readonly errors: number;
  readonly durations: DurationHistogram;
}

/** Calls of one service to one target, from the caller's side. */
export interface SeenCall extends Traffic {
  readonly caller: string;
  /** The service that answered, where it sent spans of its own; else null, and `peer` says whom the caller meant. */
  readonly callee: string | null;
  /** Host name or address, or a name that the caller gave (`peer.service`); '' when it does not say. */
  readonly peer: string;
  readonly port: number;
  /** What the protocol is told from, as OpenTelemetry names it: `postgresql`, `redis`, `grpc`; '' for none. */
  readonly system: string;
  /** Database, or destination of a message; '' for none. */
  readonly target: string;
  readonly http: boolean;
  readonly graphql: boolean;
}

/** Messages that one service sent to or took from a destination. */
export interface SeenMessages extends Traffic {
  readonly service: string;
  readonly direction: 'produce' | 'consume';
  readonly system: string;
  readonly destination: string;
  readonly peer: string;
  readonly port: number;
  /** The consumer's group, where the span says it. */
  readonly group: string | null;
}

/** What one service served: requests and messages. */
export interface SeenService extends Traffic {
  readonly service: string;
}

/** The topology as spans of a range tell it. */
export interface SeenTopology {
  readonly fromMs: number;
  readonly toMs: number;
  /** What rates are divided by: as much of the range as there is data for. */
  readonly seconds: number;
  readonly calls: readonly SeenCall[];
  readonly messages: readonly SeenMessages[];
  readonly services: readonly SeenService[];
}
