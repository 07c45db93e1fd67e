export { type EnsureOptions, ensureEngine, stopLeftover } from './ensure-engine.ts';
export { connectTo, currentHome, type FoundEngine, findEngine, readEndpoint } from './find-engine.ts';
export { isAlive } from './is-alive.ts';
