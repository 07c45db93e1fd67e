import type { Endpoint } from '../../main/contract/index.ts';

const USUAL: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** The port that an endpoint is reached at; an address leaves out the usual one of its protocol. */
export function portOf({ url }: Pick<Endpoint, 'url'>): string {
  const { port, protocol } = new URL(url);
  return port || (USUAL[protocol] ?? '');
}
