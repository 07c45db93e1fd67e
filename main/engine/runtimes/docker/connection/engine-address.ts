/** Where a Docker engine listens. */
export type EngineAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'npipe'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly secure: boolean }
  | { readonly kind: 'ssh'; readonly host: string; readonly port: number | null; readonly user: string | null };

const PLAIN_PORT = 2375;
const TLS_PORT = 2376;
export const WINDOWS_PIPE = '//./pipe/docker_engine';

/**
 * An address as DOCKER_HOST and Docker's contexts have it: `unix:///run/docker.sock`, `tcp://10.0.0.5:2376`,
 * `ssh://me@box`, `npipe:////./pipe/docker_engine`. Null when it is none of these.
 */
export function parseEngineAddress(text: string): EngineAddress | null {
  const trimmed = text.trim();
  if (trimmed.startsWith('unix://')) {
    const path = trimmed.slice('unix://'.length);
    return path.startsWith('/') ? { kind: 'unix', path } : null;
  }
  if (trimmed.startsWith('npipe://')) return { kind: 'npipe', path: trimmed.slice('npipe://'.length) || WINDOWS_PIPE };
  // What has no scheme is taken for tcp by Docker's own programs, too.
  return parseUrl(trimmed.includes('://') ? trimmed : `tcp://${trimmed}`);
}

function parseUrl(text: string): EngineAddress | null {
  const match = /^(tcp|http|https|ssh):\/\/(.+)$/.exec(text);
  if (match === null) return null;
  const [, scheme, rest] = match;
  // Only http and https are parsed by the rules that hosts have here.
  const asHttp = `http://${rest}`;
  if (!URL.canParse(asHttp)) return null;
  const url = new URL(asHttp);
  // `new URL` drops port 80, which is http's own.
  const port = /:80\/?$/.test(asHttp) ? 80 : Number(url.port) || null;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (scheme === 'ssh') {
    const user = decodeURIComponent(url.username) || null;
    // ssh would take a leading dash for an option.
    if (host.startsWith('-') || user?.startsWith('-')) return null;
    return { kind: 'ssh', host, port, user };
  }
  const secure = scheme === 'https';
  return { kind: 'tcp', host, port: port ?? (secure ? TLS_PORT : PLAIN_PORT), secure };
}

/** The address as people write it. */
export function addressText(address: EngineAddress): string {
  switch (address.kind) {
    case 'unix':
      return `unix://${address.path}`;
    case 'npipe':
      return `npipe://${address.path}`;
    case 'tcp':
      return `tcp://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
    case 'ssh': {
      const user = address.user === null ? '' : `${address.user}@`;
      return `ssh://${user}${address.host}${address.port === null ? '' : `:${address.port}`}`;
    }
  }
}
