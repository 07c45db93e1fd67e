export { LinksClient } from './links-client.ts';
export { nodeOptions as linksNodeOptions } from './links-process.ts';
export { type LinksHandle, type LinksOptions, startLinks } from './start-links.ts';
export type { LinkSpec, LinkStats, LinkView, ToxicSpec, ToxicView } from './views.ts';
