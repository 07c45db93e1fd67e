export { LinksClient } from './links-client.ts';
export { type LinksHandle, type LinksOptions, startLinks } from './start-links.ts';
export type { LinkSpec, LinkStats, LinkView, ToxicSpec, ToxicView } from './views.ts';
