import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LinksClient } from '../../../main/engine/links/index.ts';
import { projectRoot } from '../../support/flotilla.ts';

export const linksProgram = join(projectRoot, 'dist/links/main.js');

/** The links program, built, with a client of its control API. */
export interface Links {
  readonly child: ChildProcess;
  /** host:port of the control API. */
  readonly address: string;
  readonly url: string;
  readonly client: LinksClient;
  /** Calls the API as it is; a body is sent as JSON. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  close(): Promise<void>;
}

export async function startLinksProgram(
  environment: Readonly<Record<string, string>> = {},
  token: string | null = null,
): Promise<Links> {
  const child = spawn(process.execPath, [linksProgram], {
    env: { PATH: process.env.PATH, LINKS_PORT: '0', ...environment, ...(token === null ? {} : { LINKS_TOKEN: token }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const address = line.replace('ready on ', '');
  const url = `http://${address}`;
  return {
    child,
    address,
    url,
    client: new LinksClient(url, token),
    async call(method, path, body) {
      const response = await fetch(new URL(path, url), {
        method,
        headers: { 'content-type': 'application/json' },
        body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.startsWith('application/json');
      return { status: response.status, body: isJson ? JSON.parse(text) : text };
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
