export { dockerode } from './connect.ts';
export { type DockerConfig, readDockerConfig } from './docker-config.ts';
export type { Attempt } from './failure.ts';
export {
  type DockerEngine,
  type DockerSearch,
  findDockerEngine,
  firstOf,
  isOurs,
  type SearchOptions,
} from './find-engine.ts';
export { type Machine, thisMachine } from './machine.ts';
