export { type EngineHome, homePath, openHome } from './home.ts';
