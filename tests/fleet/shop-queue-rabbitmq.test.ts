import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import Dockerode from 'dockerode';
import { Connection } from 'rabbitmq-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readMessage, type ShippingJob } from '../../sample-fleet/lib/messages.ts';
import { openRabbit, queueProducer, type Rabbit } from '../../sample-fleet/lib/rabbitmq.ts';
import { type JobQueue, jobQueue } from '../../sample-fleet/lib/rabbitmq-layout.ts';
import { RabbitmqWorkQueue } from '../../sample-fleet/services/shipping/src/rabbitmq-work-queue.ts';
import { HopelessJob, type Worker } from '../../sample-fleet/services/shipping/src/work-queue.ts';
import { startContainer, type TestContainer, withoutContainers } from '../support/containers.ts';

const image = 'rabbitmq:3-management';
const without = await withoutContainers(image);
const patient = { timeout: 60_000 };
const jobOf = (orderId: string): ShippingJob => ({ orderId, customerId: 'ada', items: [] });

describe.skipIf(without !== null)(`the work queue in RabbitMQ${without === null ? '' : ` (${without})`}`, () => {
  let container: TestContainer;
  let url: string;
  let layout: JobQueue;
  let sender: Rabbit;
  let serial = 0;
  let closing: Rabbit[] = [];

  beforeAll(async () => {
    container = await startContainer(image, { port: 5672 });
    url = `amqp://guest:guest@127.0.0.1:${container.port}`;
  });
  afterAll(() => container?.remove());
  beforeEach(() => {
    serial += 1;
    layout = jobQueue(`jobs-${serial}`, [50, 100]);
    sender = open('sender');
  });
  afterEach(async () => {
    await Promise.all(closing.map((rabbit) => rabbit.close()));
    closing = [];
  });

  function open(name: string): Rabbit {
    const rabbit = openRabbit(url, name, layout);
    closing.push(rabbit);
    return rabbit;
  }

  /** A worker on the queue that notes what it was given; `work` may reject. */
  async function addWorker(work: (orderId: string) => unknown = () => undefined) {
    const queue = new RabbitmqWorkQueue<ShippingJob>({
      ...{ rabbit: open('worker'), layout, concurrency: 2 },
      parse: (value) => readMessage<ShippingJob>(value, ['orderId', 'customerId']),
    });
    const done: string[] = [];
    const givenUp: string[] = [];
    const worker: Worker<ShippingJob> = {
      work: async ({ job }) => {
        done.push(job.orderId);
        await work(job.orderId);
      },
      giveUp: async ({ job }, reason) => void givenUp.push(`${job.orderId}: ${reason}`),
    };
    await queue.consume(worker);
    return { queue, done, givenUp };
  }

  /** Sends as soon as the broker takes it; it may still be starting. */
  async function send(...values: unknown[]): Promise<void> {
    const messages = values.map((value) => ({ key: '', value }));
    await expect
      .poll(
        () =>
          queueProducer(sender)
            .send(layout.queue, messages)
            .then(
              () => 'sent',
              (error: Error) => error.message,
            ),
        patient,
      )
      .toBe('sent');
  }

  async function deadLetters(): Promise<Record<string, unknown>[]> {
    const connection = new Connection(url);
    try {
      const letters: Record<string, unknown>[] = [];
      for (;;) {
        const letter = await connection.basicGet(layout.deadExchange);
        if (letter === undefined) return letters;
        letters.push({ value: letter.body, ...letter.headers });
      }
    } finally {
      await connection.close();
    }
  }

  /** Not by stopping the container: the engine would give it another port. */
  async function rabbitmqctl(command: string): Promise<void> {
    const docker = new Dockerode();
    const exec = await docker.getContainer(container.id).exec({ Cmd: ['rabbitmqctl', command], AttachStdout: true });
    const output = await exec.start({});
    await finished(output.resume());
    expect((await exec.inspect()).ExitCode).toBe(0);
  }

  it('gives each job to one of the workers, and both have some', async () => {
    const workers = [await addWorker(() => sleep(5)), await addWorker(() => sleep(5))];
    const ids = Array.from({ length: 40 }, (_, index) => `o${index}`);
    await send(...ids.map(jobOf));
    await expect.poll(() => workers.flatMap(({ done }) => done).length, patient).toBe(ids.length);
    expect(new Set(workers.flatMap(({ done }) => done)).size).toBe(ids.length);
    expect(Math.min(...workers.map(({ done }) => done.length))).toBeGreaterThan(0);
  });

  it('keeps jobs that were sent before there was a worker', async () => {
    await send(jobOf('early'));
    const { done } = await addWorker();
    await expect.poll(() => done, patient).toEqual(['early']);
  });

  it('tries a job three times while others go by, then puts it with the dead letters', async () => {
    const { done, givenUp } = await addWorker((orderId) => {
      if (orderId === 'bad') throw new Error('jammed');
    });
    await send(jobOf('bad'), jobOf('good'));
    await expect.poll(() => givenUp, patient).toEqual(['bad: jammed']);
    expect(done).toEqual(['bad', 'good', 'bad', 'bad']);
    const letters: Record<string, unknown>[] = [];
    await expect.poll(async () => letters.push(...(await deadLetters())), patient).toBe(1);
    expect(letters[0]).toMatchObject({
      value: jobOf('bad'),
      'dead-letter-reason': 'jammed',
      'dead-letter-tries': '3',
    });
  });

  it('does not try what is hopeless, or no job at all', async () => {
    const { done, givenUp } = await addWorker((orderId) => {
      if (orderId === 'huge') throw new HopelessJob('too big');
    });
    await send(jobOf('huge'), { orderId: 7 }, 'hello', jobOf('good'));
    await expect.poll(() => done, patient).toEqual(['huge', 'good']);
    const reasons: unknown[] = [];
    const collect = async (): Promise<unknown[]> => {
      for (const letter of await deadLetters()) reasons.push(letter['dead-letter-reason']);
      return [...reasons].sort();
    };
    await expect
      .poll(collect, patient)
      .toEqual(['it is not a JSON object', 'its field "orderId" is not a text', 'too big']);
    expect(givenUp).toEqual(['huge: too big']);
  });

  it('finishes the job at hand when it is closed, and leaves the rest to others', async () => {
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const first = await addWorker(() => held);
    const ids = ['a', 'b', 'c', 'd'];
    await send(...ids.map(jobOf));
    await expect.poll(() => first.done.length, patient).toBe(2);
    const closed = first.queue.close();
    const second = await addWorker();
    await expect.poll(() => second.done.length, patient).toBe(2);
    finish();
    await closed;
    expect([...first.done, ...second.done].sort()).toEqual(ids);
  });

  it('rejects what no queue takes, rather than losing it', async () => {
    await send(jobOf('known'));
    await expect(queueProducer(sender).send('nowhere', [{ key: '', value: 1 }])).rejects.toThrow('no queue takes');
  });

  it('goes on by itself after the broker was away', async () => {
    const { done, queue } = await addWorker();
    await send(jobOf('before'));
    await expect.poll(() => done, patient).toEqual(['before']);
    await rabbitmqctl('stop_app');
    await expect(queue.check()).rejects.toThrow('not consuming');
    await expect(queueProducer(sender).send(layout.queue, [{ key: '', value: jobOf('lost') }])).rejects.toThrow();
    await rabbitmqctl('start_app');
    await send(jobOf('after'));
    await expect.poll(() => done.includes('after'), patient).toBe(true);
    await queue.check();
  });
});
