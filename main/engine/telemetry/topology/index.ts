export { mergeTopology, type TopologyParts } from './merge-topology.ts';
export type { Addresses } from './resolver.ts';
export type { SeenTopology } from './seen.ts';
