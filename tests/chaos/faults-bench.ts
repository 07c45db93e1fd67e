import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import type { Client } from '../../main/client/index.ts';
import type { FaultParameters, FaultTarget, FaultView, InstanceView, ServiceView } from '../../main/contract/index.ts';
import { type Flotilla, makeFlotilla, projectRoot } from '../support/flotilla.ts';

const NODE = 'node:24-bookworm-slim';
export const IMAGES = [NODE, 'postgres:18', 'redis:7', 'apache/kafka:4.1.0'] as const;
export const TOPIC = 'things';

export type Where = 'process' | 'docker';

/** What a victim's call came to; see faults-fleet/victim.cjs. */
export interface Outcome {
  readonly ms: number;
  readonly failed?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly bytes?: number;
  readonly chunks?: number;
  readonly firstMs?: number | null;
  readonly ended?: boolean;
}

export type Act =
  | {
      readonly act: 'get';
      readonly path: string;
      readonly method?: string;
      readonly headers?: Record<string, string>;
      readonly to?: 'target' | 'twins';
      /** Instead of the way that its environment says. */
      readonly url?: string;
      readonly timeoutMs?: number;
      readonly times?: number;
    }
  | {
      readonly act: 'tcp';
      readonly to?: 'db';
      readonly send?: string;
      readonly waitMs?: number;
      readonly times?: number;
    };

interface Requested {
  readonly parameters?: FaultParameters;
  readonly forSeconds?: number | null;
}

function fleetOf(folder: string, where: Where, hasStores: boolean): object {
  const program = (file: string, port: number, environment: Record<string, string>, given: object = {}) => ({
    image: NODE,
    command: ['node', `/programs/${file}.cjs`],
    environment: { PORT: String(port), ...environment },
    volumes: [`${folder}:/programs:ro`],
    restart: 'always',
    stop_grace_period: '1s',
    ...given,
    'x-flotilla': {
      ports: [
        { name: 'http', port, protocol: 'http', env: 'PORT' },
        ...('TCP_PORT' in environment ? [{ name: 'tcp', port: 7002, protocol: 'tcp', env: 'TCP_PORT' }] : []),
      ],
      health: { http: { port: 'http', path: '/' }, interval: '500ms' },
      ...(where === 'process'
        ? { process: { command: ['node', join(folder, `${file}.cjs`)], environment: { HOST: '127.0.0.1' } } }
        : {}),
    },
  });
  return {
    services: {
      victim: program('victim', 7000, {
        TARGET_URL: 'http://target:7001',
        TARGET_TCP: 'target:7002',
        TWIN_URL: 'http://twins:7003',
        DATABASE: 'db:5432',
      }),
      target: program('target', 7001, { TCP_PORT: '7002' }, { networks: { default: { aliases: ['goal'] } } }),
      twins: program('target', 7003, { TCP_PORT: '7002' }, { deploy: { replicas: 2 } }),
      ...(hasStores ? stores(where) : {}),
    },
  };
}

function stores(where: Where): object {
  const heap = { KAFKA_HEAP_OPTS: '-Xms128m -Xmx384m -XX:TieredStopAtLevel=1' };
  return {
    db: { image: 'postgres:18', restart: 'always', environment: { POSTGRES_PASSWORD: 'secret' } },
    cache: { image: 'redis:7' },
    broker: {
      image: 'apache/kafka:4.1.0',
      restart: 'always',
      environment: where === 'docker' ? heap : {},
      healthcheck: { test: ['CMD', 'true'], interval: '2s', start_period: '120s' },
      'x-flotilla': {
        ports: [{ name: 'kafka', port: 9092, protocol: 'kafka' }],
        health: { tcp: { port: 'kafka' } },
      },
    },
  };
}

/** A tiny fleet with an engine, and what a test does with it. */
export class FaultsBench {
  readonly flotilla: Flotilla;
  readonly where: Where;
  readonly folder: string;
  /** Ids of all faults that were put on. */
  readonly added = new Set<string>();
  #client: Client | null = null;
  readonly #urls = new Map<string, string>();

  private constructor(flotilla: Flotilla, where: Where) {
    this.flotilla = flotilla;
    this.where = where;
    this.folder = join(flotilla.home, '../fleet');
  }

  static async start(where: Where, env: NodeJS.ProcessEnv = {}, hasStores = true): Promise<FaultsBench> {
    const name = `faults-${where}-${process.pid}`;
    const bench = new FaultsBench(await makeFlotilla({ COMPOSE_PROJECT_NAME: name, ...env }), where);
    await mkdir(bench.folder);
    for (const file of ['victim.cjs', 'target.cjs']) {
      await copyFile(join(projectRoot, 'tests/chaos/faults-fleet', file), join(bench.folder, file));
    }
    await writeFile(join(bench.folder, 'compose.yaml'), JSON.stringify(fleetOf(bench.folder, where, hasStores)));
    try {
      await bench.up();
      return bench;
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  /** Starts the fleet; or, with one that runs, an engine that goes on with it. */
  async up(): Promise<void> {
    this.#client?.close();
    this.#client = null;
    const up = await this.flotilla.run('up', this.folder, '--runtime', this.where, '--headless');
    if (up.code !== 0) throw new Error(`${up.stdout}\n${up.stderr}`);
  }

  async client(): Promise<Client> {
    this.#client ??= (await this.flotilla.engine()).client;
    return this.#client;
  }

  async close(): Promise<void> {
    this.#client?.close();
    await this.flotilla.close();
  }

  async add(
    kind: string,
    target: FaultTarget,
    { parameters = {}, forSeconds = 60 }: Requested = {},
  ): Promise<FaultView> {
    const fault = await (await this.client()).call('fault.add', { kind, target, parameters, forSeconds });
    this.added.add(fault.id);
    return fault;
  }

  async remove({ id }: Pick<FaultView, 'id'>): Promise<void> {
    await (await this.client()).call('fault.remove', { id });
  }

  async faults(): Promise<readonly FaultView[]> {
    return (await (await this.client()).call('engine.state', undefined)).chaos.faults;
  }

  async service(id: string): Promise<ServiceView> {
    const { fleet } = await (await this.client()).call('engine.state', undefined);
    const found = fleet?.services.find((one) => one.id === id);
    if (found === undefined) throw new Error(`there is no ${id}`);
    return found;
  }

  async instance(id: string, copy = 1): Promise<InstanceView> {
    const found = (await this.service(id)).instances.find((one) => one.id === `${id}-${copy}`);
    if (found === undefined) throw new Error(`there is no ${id}-${copy}`);
    return found;
  }

  /** `host:port` where this machine reaches a service; it stays. */
  async at(service: string): Promise<string> {
    const known = this.#urls.get(service) ?? new URL((await this.service(service)).endpoints[0]?.url ?? '').host;
    this.#urls.set(service, known);
    return known;
  }

  /** What the victim finds, which calls through links. */
  async victim(act: Act): Promise<readonly [Outcome, ...Outcome[]]> {
    const response = await fetch(`http://${await this.at('victim')}/`, { method: 'POST', body: JSON.stringify(act) });
    return response.json();
  }

  /** Where callers of an edge connect: the link. */
  async link(name: string): Promise<string> {
    const found = (await (await this.client()).call('links.list', undefined)).find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no link ${name}`);
    return found.listen;
  }

  /** What the target itself says, asked past its links. */
  async target<T>(path: string): Promise<T> {
    const response = await fetch(`http://${await this.at('target')}${path}`, { signal: AbortSignal.timeout(5000) });
    return response.json();
  }

  async postgres<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
    const client = new pg.Client({ connectionString: `postgres://postgres:secret@${await this.at('db')}/postgres` });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async redis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(`redis://${await this.at('cache')}`, { maxRetriesPerRequest: 1 });
    redis.on('error', () => undefined);
    return work(redis).finally(() => redis.disconnect());
  }

  /** A topic for the flood, and a table to be locked. */
  async furnish(): Promise<void> {
    // A JVM that starts on a busy machine.
    for (const deadlineMs = Date.now() + 120_000; ; ) {
      const failure = await this.#createTopic().then(
        () => null,
        (error: unknown) => ({ error }),
      );
      if (failure === null) break;
      if (Date.now() > deadlineMs) throw failure.error;
    }
    await this.postgres('CREATE TABLE IF NOT EXISTS stock (id int); CREATE TABLE IF NOT EXISTS other (id int)');
  }

  async #createTopic(): Promise<void> {
    const retry = { retries: 0 };
    const kafka = new Kafka({ brokers: [await this.at('broker')], logLevel: logLevel.NOTHING, retry });
    const admin = kafka.admin();
    try {
      await admin.connect();
      await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 2 }] });
    } finally {
      await admin.disconnect();
    }
  }

  async messages(): Promise<number> {
    const topics = await (await this.client()).call('kafka.topics', undefined);
    return topics.find((one) => one.name === TOPIC)?.messages ?? 0;
  }
}
