import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { Coordinator } from './groups/coordinator.ts';
import { OffsetStore } from './groups/offset-store.ts';
import { apiVersionsRoute, clusterRoutes } from './handlers/cluster.ts';
import { configRoutes } from './handlers/configs.ts';
import { fetchRoutes } from './handlers/fetch.ts';
import { groupOffsetRoutes } from './handlers/group-offsets.ts';
import { groupRoutes } from './handlers/groups.ts';
import { offsetsInLogRoutes } from './handlers/offsets-in-log.ts';
import { produceRoutes } from './handlers/produce.ts';
import { topicRoutes } from './handlers/topics.ts';
import { Connection } from './net/connection.ts';
import type { Endpoint, Route } from './net/route.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { Topics } from './topics.ts';

export interface BrokerOptions {
  readonly settings?: Partial<Settings>;
  /** An absolute path; null keeps everything in memory alone. */
  readonly dataDir?: string | null;
  readonly log?: (line: string) => void;
}

export interface ListenerOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly host?: string;
  /** What clients of this listener are told to connect to; absent: where it listens. */
  readonly advertised?: Endpoint;
}

const MAX_CONNECTIONS = 2000;

/**
 * A Kafka broker for one machine: a single node that speaks the wire protocol, with its log in memory and, if it has a
 * data folder, in files that a restart reads back. It may have several listeners, each with its own advertised address.
 */
export class Broker {
  private readonly settings: Settings;
  private readonly topics: Topics;
  private readonly groups: Coordinator;
  private readonly routes = new Map<number, Route>();
  private readonly listeners = new Set<net.Server>();
  private readonly sockets = new Set<net.Socket>();
  private readonly housekeeping: NodeJS.Timeout;
  private readonly log: (line: string) => void;

  /** @throws Error with one sentence when the data folder cannot be used. */
  constructor(options: BrokerOptions = {}) {
    const dataDir = options.dataDir ?? null;
    this.settings = { ...defaultSettings, ...options.settings };
    this.log = options.log ?? (() => {});
    if (dataDir !== null) fs.mkdirSync(dataDir, { recursive: true });
    this.topics = new Topics(this.settings, dataDir, this.log);
    const journal = dataDir === null ? null : path.join(dataDir, 'offsets.jsonl');
    this.groups = new Coordinator(this.settings, new OffsetStore(journal, this.log));
    for (const route of this.allRoutes(dataDir ?? '(memory)')) this.routes.set(route.api.key, route);
    this.housekeeping = setInterval(() => this.keepHouse(), this.settings.retentionCheckMs);
  }

  private allRoutes(logDir: string): Route[] {
    const { topics, groups, settings } = this;
    return [
      apiVersionsRoute(() => this.routes.values()),
      ...clusterRoutes(topics, settings, logDir),
      ...topicRoutes(topics, settings, (topic) => groups.offsets.deleteTopic(topic.name)),
      ...configRoutes(topics, settings),
      ...produceRoutes(topics),
      ...fetchRoutes(topics),
      ...offsetsInLogRoutes(topics),
      ...groupRoutes(groups, settings.nodeId),
      ...groupOffsetRoutes(groups, topics),
    ];
  }

  private keepHouse(): void {
    try {
      this.topics.enforceRetention(Date.now());
      this.groups.expire(Date.now());
    } catch (error) {
      this.log(`housekeeping failed: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Accepts connections. @returns where it listens. Rejects when the port is taken. */
  listen(options: ListenerOptions): Promise<Endpoint> {
    const host = options.host ?? '127.0.0.1';
    const bound = { host, port: options.port };
    const server = net.createServer({ noDelay: true }, (socket) => this.accept(socket, options.advertised ?? bound));
    server.maxConnections = MAX_CONNECTIONS;
    this.listeners.add(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, host, () => {
        server.removeListener('error', reject);
        const address = server.address();
        if (address !== null && typeof address === 'object') bound.port = address.port;
        resolve({ ...bound });
      });
    });
  }

  private accept(socket: net.Socket, advertised: Endpoint): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    new Connection(socket, { routes: this.routes, advertised: () => advertised, log: this.log });
  }

  /** Stops accepting, ends all connections, closes all files. */
  async close(): Promise<void> {
    clearInterval(this.housekeeping);
    const closed = [...this.listeners].map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(closed);
    this.groups.close();
    this.topics.storage?.closeAll();
  }
}
