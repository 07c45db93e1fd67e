export { createPeek, type PeekHandlers } from './peek.ts';
