export { type EngineHome, openHome } from './home.ts';
export { processStart } from './process-start.ts';
