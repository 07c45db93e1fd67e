export { type Client, type ConnectOptions, connect, reconnectDelayMs, type SubscriptionHandlers } from './client.ts';
export type { StatusView } from './connection-status.ts';
export { type EngineWatch, watchEngine } from './watch-engine.ts';
