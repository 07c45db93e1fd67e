import { z } from 'zod';

/** What the links program says of itself. */
export const LinksInfo = z.object({ id: z.string(), pid: z.number(), atMs: z.number() });
export type LinksInfo = z.infer<typeof LinksInfo>;

export const ToxicView = z.object({
  name: z.string(),
  type: z.string(),
  stream: z.enum(['upstream', 'downstream']),
  toxicity: z.number(),
  attributes: z.record(z.string(), z.union([z.number(), z.string()])),
  /** When the program removes it by itself (Unix time in ms). */
  expiresAtMs: z.number().optional(),
});
export type ToxicView = z.infer<typeof ToxicView>;

export const LinkView = z.object({
  name: z.string(),
  /** The address as it is bound, with the actual port. */
  listen: z.string(),
  upstream: z.string(),
  enabled: z.boolean(),
  http: z.boolean().optional(),
  /** When a disabled link is enabled again by itself (Unix time in ms). */
  expiresAtMs: z.number().optional(),
  toxics: z.array(ToxicView),
});
export type LinkView = z.infer<typeof LinkView>;

const count = z.number();

/** Counted since the link was made. */
export const LinkStats = z.object({
  connections: z.object({ open: count, total: count, refused: count }),
  /** Bytes from the client (upstream) and to it (downstream). */
  bytes: z.object({ upstream: count, downstream: count }),
  http: z.object({
    requests: count,
    responses: z.object({ '1xx': count, '2xx': count, '3xx': count, '4xx': count, '5xx': count }),
    grpcErrors: count,
    faults: count,
  }),
});
export type LinkStats = z.infer<typeof LinkStats>;

export const Links = z.record(z.string(), LinkView);
export const Populated = z.object({ proxies: z.array(LinkView) });
export const Stats = z.record(z.string(), LinkStats);
export const Refused = z.object({ error: z.string() });

/** A link that is wanted: who may call `listen` reaches `upstream`. */
export interface LinkSpec {
  readonly name: string;
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  readonly upstream: string;
  readonly enabled?: boolean;
  /** Count HTTP requests from the beginning of each connection. */
  readonly http?: boolean;
}

/** A fault that is wanted; the types and their attributes are those of `program/toxic-types.ts`. */
export interface ToxicSpec {
  readonly name?: string;
  readonly type: string;
  readonly stream?: 'upstream' | 'downstream';
  readonly toxicity?: number;
  readonly attributes?: Readonly<Record<string, number | string>>;
  /** The program removes it after as long, whether or not anybody is there to ask for it. */
  readonly ttlMs?: number;
}
