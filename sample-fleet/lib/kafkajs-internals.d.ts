/** The part of kafkajs' inside that kafkajs-idle.ts mends. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    pending: unknown[];
    /** In ms since the epoch; -1 where the broker does not throttle. */
    throttledUntil: number;
    scheduleCheckPendingRequests(): void;
  }
}
