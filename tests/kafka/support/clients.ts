import {
  type Admin,
  type Consumer,
  type EachMessagePayload,
  Kafka,
  logLevel,
  Partitioners,
  type Producer,
} from 'kafkajs';

/** kafkajs clients of one broker, all disconnected by `close`. */
export interface Clients {
  readonly kafka: Kafka;
  admin(): Promise<Admin>;
  producer(options?: { idempotent?: boolean }): Promise<Producer>;
  consumer(groupId: string, options?: { sessionTimeout?: number; maxWaitTimeInMs?: number }): Promise<Consumer>;
  close(): Promise<void>;
}

export function connectClients(address: string): Clients {
  const kafka = new Kafka({ clientId: 'test', brokers: [address], logLevel: logLevel.NOTHING, retry: { retries: 5 } });
  const open: { disconnect(): Promise<void> }[] = [];
  const connected = async <T extends { connect(): Promise<void>; disconnect(): Promise<void> }>(client: T) => {
    open.push(client);
    await client.connect();
    return client;
  };
  return {
    kafka,
    admin: () => connected(kafka.admin()),
    producer: (options) =>
      connected(kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, ...options })),
    consumer: (groupId, options) =>
      connected(
        kafka.consumer({ groupId, heartbeatInterval: 300, maxWaitTimeInMs: 300, rebalanceTimeout: 10_000, ...options }),
      ),
    async close() {
      await Promise.all(open.map((client) => client.disconnect()));
    },
  };
}

/** Collects what a consumer gets and lets a test wait until there is enough. */
export class Inbox {
  readonly messages: EachMessagePayload[] = [];
  private readonly waiters = new Set<() => void>();

  readonly eachMessage = async (payload: EachMessagePayload): Promise<void> => {
    this.messages.push(payload);
    for (const check of [...this.waiters]) check();
  };

  /** Resolves when `count` messages are there. */
  async until(count: number): Promise<readonly EachMessagePayload[]> {
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (this.messages.length < count) return;
        this.waiters.delete(check);
        resolve();
      };
      this.waiters.add(check);
      check();
    });
    return this.messages;
  }

  get values(): (string | undefined)[] {
    return this.messages.map(({ message }) => message.value?.toString());
  }
}

/** Asks `probe` until it gives something else than null; the test has a time limit of its own. */
export async function eventually<T>(probe: () => Promise<T | null>, everyMs = 50): Promise<T> {
  for (;;) {
    const found = await probe();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
