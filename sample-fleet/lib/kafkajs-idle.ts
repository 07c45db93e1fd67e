import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/**
 * Lets an idle kafkajs 2.2.4 rest. Its queue looks for requests to send every millisecond for ever, because the timer's
 * delay comes out negative when nothing is throttled: 2 % of a core for each consumer that has nothing to do. There is
 * something to look for only while requests wait, or the broker has asked for a pause.
 */
export function letIdleKafkajsRest(): void {
  const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
