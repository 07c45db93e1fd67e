import { linkName, type ServiceId } from '../../../contract/index.ts';
import type { ServiceSpec } from '../../fleet/index.ts';
import type { LinkEdge } from '../runtime.ts';
import { clusterOf, isKafkaBroker, listenerPorts, type OwnListener, ownListeners } from './kafka-listeners.ts';

/** The listener of a broker that one client's link leads to. */
export interface ClientListener {
  /** `LINK_1`: the same on every broker of a cluster, as a client is sent from one to the other by it. */
  readonly name: string;
  /** Where it listens inside of the container. */
  readonly containerPort: number;
}

export interface BrokerEdge extends LinkEdge {
  /** Null: nothing but a byte stream, as of any other service. */
  readonly listener: ClientListener | null;
}

interface Broker {
  readonly id: ServiceId;
  readonly environment: Readonly<Record<string, string>>;
  readonly cluster: string | null;
  readonly listeners: readonly OwnListener[];
}

/** What one client has to do with one cluster by one of its listeners. */
interface Client {
  readonly from: ServiceId;
  readonly listener: string;
  readonly brokers: readonly Broker[];
}

/**
 * The edges that a link can stand in. A Kafka client goes on to what the broker advertises, so that each needs a listener of
 * its own, and that on every broker of the cluster, named in the client's variables or not. No link have brokers whose image
 * we do not know, brokers as clients of each other, and listeners that ask who is there or encrypt.
 * @param isPossible whether a link of this caller to this broker can be at all: it is all brokers of a cluster or none
 */
export function brokerEdges(
  services: readonly ServiceSpec[],
  edges: readonly LinkEdge[],
  isPossible: (from: ServiceId, to: ServiceId) => boolean,
): BrokerEdge[] {
  const brokers = new Map(services.filter(isKafkaBroker).map((spec) => [spec.id, brokerOf(spec)]));
  const clients = new Map<string, Client>();
  const plain: BrokerEdge[] = [];
  for (const edge of edges) {
    const broker = brokers.get(edge.to);
    const at = broker?.listeners.find(({ port }) => port === edge.containerPort);
    if (broker === undefined || at === undefined) {
      if (edge.protocol !== 'kafka') plain.push({ ...edge, listener: null });
    } else if (!brokers.has(edge.from) && !at.isController && at.security === 'PLAINTEXT') {
      const all = [...brokers.values()].filter((one) => one === broker || isSameCluster(one, broker));
      clients.set(JSON.stringify([edge.from, at.name, all.map(({ id }) => id)]), {
        from: edge.from,
        listener: at.name,
        brokers: all,
      });
    }
  }
  const possible = [...clients.values()].filter(
    ({ from, listener, brokers: all }) =>
      all.every((one) => isPossible(from, one.id)) && all.every((one) => portOf(one, listener) !== null),
  );
  return [...plain, ...possible.flatMap((client, n) => clientEdges(client, n + 1))];
}

function clientEdges({ from, listener, brokers }: Client, number: number): BrokerEdge[] {
  return brokers.flatMap((broker) => {
    const port = portOf(broker, listener);
    const containerPort = listenerPorts(broker.environment, number + 1)[number];
    if (port === null || containerPort === undefined) return [];
    const own = { name: `LINK_${number}`, containerPort };
    return [{ from, to: broker.id, containerPort: port, protocol: 'kafka', listener: own }];
  });
}

function brokerOf({ id, environment: written }: ServiceSpec): Broker {
  const environment = Object.fromEntries(Object.entries(written).map(([name, { value }]) => [name, value]));
  return { id, environment, cluster: clusterOf(environment), listeners: ownListeners(environment) };
}

const isSameCluster = (a: Broker, b: Broker): boolean => a.cluster !== null && a.cluster === b.cluster;

const portOf = ({ listeners }: Broker, name: string): number | null =>
  listeners.find((one) => one.name === name && one.security === 'PLAINTEXT')?.port ?? null;

/** The link's name of an edge. */
export const nameOf = ({ from, to, containerPort }: LinkEdge): string => linkName(from, to, containerPort);
