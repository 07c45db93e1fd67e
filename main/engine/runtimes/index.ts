export { processRuntime } from './process/index.ts';
export * from './runtime.ts';
