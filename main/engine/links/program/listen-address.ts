import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** A host and a port, as `host:port`, `[v6]:port` or `:port` writes them (Go's net.SplitHostPort). */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads an address.
 * @throws Error that says what is wrong with it
 */
export function parseAddress(text: string): Address {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) throw new Error(`address ${text}: expected host:port`);
  return { host: match[1] ?? match[2] ?? '', port };
}

/** The same for one or more, with commas. */
export function parseAddresses(text: string): [Address, ...Address[]] {
  const [first = '', ...others] = text.split(',').map((one) => one.trim());
  return [parseAddress(first), ...others.map(parseAddress)];
}

/** `host:port`, with brackets around an IPv6 address. */
export const formatAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** The address to bind: names are resolved, IPv4 first; no host means every interface. */
export async function resolveListen(text: string): Promise<Address> {
  if (text === '') return { host: '::', port: 0 };
  const { host, port } = parseAddress(text);
  if (host === '') return { host: '::', port };
  if (isIP(host) !== 0) return { host, port };
  const { address } = await lookup(host, { order: 'ipv4first' });
  return { host: address, port };
}
