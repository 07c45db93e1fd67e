export { LinksClient } from './links-client.ts';
export { endLeftProgram, nodeOptions as linksNodeOptions } from './links-process.ts';
export { attributesProblem } from './program/toxic-types.ts';
export { linksProgramFile } from './program-file.ts';
export { type LinksHandle, type LinksOptions, startLinks } from './start-links.ts';
export type { LinkSpec, LinkStats, LinkView, ToxicSpec, ToxicView } from './views.ts';
