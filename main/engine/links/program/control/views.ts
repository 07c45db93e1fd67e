import type { Link } from '../link.ts';
import type { Toxic } from '../toxic.ts';

/** A toxic as the API shows it; `expiresAtMs` only where it has one. */
export const toxicView = ({ attributes, name, type, stream, toxicity, expiresAtMs }: Toxic) => ({
  attributes,
  name,
  type,
  stream,
  toxicity,
  ...(expiresAtMs === null ? {} : { expiresAtMs }),
});

/** The toxics of a link: those of upstream first, each in the order in which they act. */
export const toxicsView = ({ toxics }: Link) =>
  (['upstream', 'downstream'] as const).flatMap((stream) =>
    toxics.filter((toxic) => toxic.stream === stream).map(toxicView),
  );

/** A link as the API shows it. */
export const linkView = (link: Link) => ({
  name: link.name,
  listen: link.listen,
  upstream: link.upstream,
  enabled: link.enabled,
  ...(link.countsHttp ? { http: true } : {}),
  ...(link.enabledAtMs === null ? {} : { expiresAtMs: link.enabledAtMs }),
  toxics: toxicsView(link),
});

/** What was counted on a link. */
export const statsView = ({ counters, connections }: Link) => ({
  connections: { open: connections.size, total: counters.connections, refused: counters.refused },
  bytes: { upstream: counters.upstreamBytes, downstream: counters.downstreamBytes },
  http: counters.http,
});
