import type { Endpoint } from './net/route.ts';

/** A listener beside the broker's own, and what its clients are told to connect to. */
export interface ClientListener {
  readonly port: number;
  readonly advertised: Endpoint;
}

type Environment = Readonly<Record<string, string | undefined>>;

const ADDRESS = /^(?:[A-Z_]+:\/\/)?\[?([^\]/]+?)\]?:(\d{1,5})$/;

/** KAFKA_ADVERTISED_LISTENER, `host:port`: what clients of the broker's own port are told. @throws Error with one sentence */
export function readAdvertised(environment: Environment): Endpoint | undefined {
  const text = environment.KAFKA_ADVERTISED_LISTENER ?? '';
  if (text === '') return undefined;
  const [, host, port] = ADDRESS.exec(text) ?? [];
  if (host === undefined) throw new Error(`KAFKA_ADVERTISED_LISTENER is "${text}", but must be host:port`);
  return { host, port: Number(port) };
}

/**
 * KAFKA_CLIENT_LISTENERS, `PORT=host:port,...`: further ports, each for a client that reaches it at another address, such as
 * that of a proxy in between. Told that address, the client keeps to it after it has asked who the brokers are.
 * @throws Error with one sentence
 */
export function readClientListeners(environment: Environment): ClientListener[] {
  const text = environment.KAFKA_CLIENT_LISTENERS ?? '';
  return text
    .split(',')
    .filter((entry) => entry.trim() !== '')
    .map((entry) => {
      const [, port, address = ''] = /^(\d{1,5})=(.*)$/.exec(entry.trim()) ?? [];
      const [, host, advertisedPort] = ADDRESS.exec(address) ?? [];
      if (port === undefined || host === undefined) {
        throw new Error(`KAFKA_CLIENT_LISTENERS has "${entry}", but must be PORT=host:port,...`);
      }
      return { port: Number(port), advertised: { host, port: Number(advertisedPort) } };
    });
}
