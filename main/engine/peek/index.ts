export { createPeek, type PeekHandlers } from './peek.ts';
export { toPeekError } from './peek-error.ts';
export { endPostgres, postgresClient } from './postgres.ts';
export { withRedis } from './redis.ts';
export { type OpenTarget, openTarget, type PeekFleet } from './target.ts';
