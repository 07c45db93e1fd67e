export { type ReadFleetOptions, readFleet } from './read-fleet.ts';
