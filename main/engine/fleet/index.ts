export { knownImage } from './compose/images.ts';
export { withReferencedPorts } from './compose/referenced-ports.ts';
export { PLAIN_CONTAINER, PLAIN_NETWORK } from './container-options.ts';
export { createFleet, findRuntimes, sampleFleetFile } from './create-fleet.ts';
export { type DeclaredEdge, declaredEdges, linkEdges } from './edges.ts';
export type { Fleet, FleetHandlers, FleetLinks, FleetOptions, LinkedEdge, UpRequest } from './fleet.ts';
export { savedOtlp } from './fleet-state-file.ts';
export type * from './model.ts';
export type { RunningFleet } from './running-fleet.ts';
