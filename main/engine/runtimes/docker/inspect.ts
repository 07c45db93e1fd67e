import type Dockerode from 'dockerode';
import { masked } from '../variables.ts';

/** What the engine says of a container. Secrets in its variables, and in addresses anywhere, are masked unless asked for. */
export function maskedInspect(info: Dockerode.ContainerInspectInfo, reveal: boolean): Record<string, unknown> {
  const plain = JSON.parse(JSON.stringify(info)) as Record<string, unknown>;
  return reveal ? plain : (maskAll(plain) as Record<string, unknown>);
}

function maskAll(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => (key === 'Env' ? maskAssignment(one) : maskAll(one)));
  if (typeof value === 'string') return masked('', value);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, maskAll(one, name)]));
}

function maskAssignment(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const at = value.indexOf('=');
  if (at < 0) return value;
  return `${value.slice(0, at)}=${masked(value.slice(0, at), value.slice(at + 1))}`;
}
