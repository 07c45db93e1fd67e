export { embeddedProgram } from './images.ts';
export { type ReadFleetOptions, readFleet } from './read-fleet.ts';
