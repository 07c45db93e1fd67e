export { connectTo, currentHome, type FoundEngine, findEngine, readEndpoint } from './find-engine.ts';
