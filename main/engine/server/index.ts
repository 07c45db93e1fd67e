export { type EngineServer, type ServerOptions, startServer } from './server.ts';
export { StateHub } from './state-hub.ts';
