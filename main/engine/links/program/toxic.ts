import type { Receiver, Stage, StageHost } from './stage.ts';

export type Direction = 'upstream' | 'downstream';

/** Attribute values as JSON carries them. */
export type Attributes = Record<string, number | string>;

/** A fault on a link. Stages read `attributes` as they are now, so a change acts on what is on its way. */
export interface Toxic {
  readonly name: string;
  readonly type: string;
  readonly stream: Direction;
  /** The share of connections (of requests, for HTTP's types) that it acts on, 0 to 1. */
  toxicity: number;
  readonly attributes: Attributes;
  /** When it removes itself (Unix time in ms). Null: never. */
  expiresAtMs: number | null;
}

/** What can be told of a type of toxic: its attributes, and what it does to bytes or to HTTP. */
export interface ToxicType {
  /** Where it acts when nobody says. */
  readonly stream: Direction;
  readonly attributes: Readonly<Record<string, AttributeRule>>;
  /** The stage that it is on a connection; absent for types that act on HTTP. */
  stage?(toxic: Toxic, host: StageHost, next: Receiver): Stage;
}

export interface AttributeRule {
  readonly initial: number | string;
  readonly min?: number;
  readonly max?: number;
  /** Fractions are allowed. */
  readonly fraction?: boolean;
  /** What is wrong with a text, or null. */
  check?(text: string): string | null;
}
