/** A job that a worker was given. */
export interface Delivery<T> {
  job: T;
  /** Where it came from, for the log: `shipping-jobs/2@1041`. */
  source: string;
}

export interface Worker<T> {
  /** Does the job. A rejection is a try that failed; the queue tries again after a while. */
  work(delivery: Delivery<T>): Promise<void>;
  /** Called before a job that failed too often goes to the dead letters. */
  giveUp(delivery: Delivery<T>, reason: string): Promise<void>;
}

/** A job that no further try will help; it goes to the dead letters at once. */
export class HopelessJob extends Error {
  override name = 'HopelessJob';
}

/**
 * What the worker needs of a queue, whoever provides it: each job goes to one of the competing consumers, at least once,
 * is tried three times with growing pauses, and then put with the dead letters together with the reason.
 */
export interface WorkQueue<T> {
  consume(worker: Worker<T>): Promise<void>;
  /** For `Service.ready`: rejects while no jobs can come. */
  check(): Promise<void>;
  /** Finishes the job at hand and takes no more. */
  close(): Promise<void>;
}
