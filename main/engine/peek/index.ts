export { createPeek, type PeekHandlers, toPeekError } from './peek.ts';
export { endPostgres, postgresClient } from './postgres.ts';
export { withRedis } from './redis.ts';
export { type OpenTarget, openTarget, type PeekFleet } from './target.ts';
