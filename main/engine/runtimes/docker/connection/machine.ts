import { homedir } from 'node:os';

/** What the search for a Docker engine starts from; tests give a home and sockets of their own. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Sockets that lie in the same place for everyone on a machine. */
  readonly sockets: { readonly docker: string; readonly podman: string };
}

/** This machine, as this process sees it. */
export function thisMachine(environment: Machine['environment'] = process.env): Machine {
  return {
    platform: process.platform,
    home: homedir(),
    environment,
    sockets: { docker: '/var/run/docker.sock', podman: '/run/podman/podman.sock' },
  };
}
