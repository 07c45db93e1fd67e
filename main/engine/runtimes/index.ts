export { embeddedProgramFor, processRuntime, processTable } from './process/index.ts';
export * from './runtime.ts';
