import { linkErrors } from './link-error.ts';
import { parseAddress, parseAddresses } from './listen-address.ts';
import type { Direction, Toxic } from './toxic.ts';
import { readAttributes, toxicTypes } from './toxic-types.ts';

/** A proxy as it is asked for. */
export interface ProxyInput {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  /** Ours: count HTTP requests. */
  readonly http: boolean | undefined;
  /** Ours: when a disabled link is enabled again. */
  readonly expiresAtMs: number | null;
}

type Fields = Record<string, unknown>;

const MAX_TTL_MS = 365 * 24 * 3600 * 1000;

function fieldsOf(body: unknown, what = 'request'): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw linkErrors.badBody(`${what} must be a JSON object`);
  }
  return body as Fields;
}

function text(fields: Fields, name: string, initial: string): string {
  const value = fields[name] ?? initial;
  if (typeof value !== 'string') throw linkErrors.badBody(`field ${name} must be a text`);
  return value;
}

function flag(fields: Fields, name: string): boolean | undefined {
  const value = fields[name] ?? undefined;
  if (value !== undefined && typeof value !== 'boolean')
    throw linkErrors.badBody(`field ${name} must be true or false`);
  return value;
}

/** `ttlMs` (from now) or `expiresAtMs` (Unix time); null for neither. */
function expiry(fields: Fields): number | null {
  const { ttlMs, expiresAtMs } = fields;
  for (const [name, value] of Object.entries({ ttlMs, expiresAtMs })) {
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      throw linkErrors.badBody(`field ${name} must be a number of milliseconds`);
    }
  }
  if (typeof ttlMs === 'number') {
    if (ttlMs > MAX_TTL_MS) throw linkErrors.badBody(`field ttlMs must be no more than ${MAX_TTL_MS}`);
    return Date.now() + ttlMs;
  }
  return typeof expiresAtMs === 'number' ? expiresAtMs : null;
}

function checkAddress(field: string, address: string, parse: (text: string) => unknown = parseAddress): void {
  try {
    if (address !== '') parse(address);
  } catch (error) {
    throw linkErrors.badBody(`${field}: ${(error as Error).message}`);
  }
}

function proxy(fields: Fields, before: Pick<ProxyInput, 'name' | 'listen' | 'upstream' | 'enabled'>): ProxyInput {
  const input = {
    name: text(fields, 'name', before.name),
    listen: text(fields, 'listen', before.listen),
    upstream: text(fields, 'upstream', before.upstream),
    enabled: flag(fields, 'enabled') ?? before.enabled,
    http: flag(fields, 'http'),
    expiresAtMs: expiry(fields),
  };
  checkAddress('listen', input.listen);
  checkAddress('upstream', input.upstream, parseAddresses);
  return input;
}

const fresh = { name: '', listen: '', upstream: '', enabled: true };

/** @throws LinkError */
export function readProxy(body: unknown): ProxyInput {
  const input = proxy(fieldsOf(body), fresh);
  if (input.name === '') throw linkErrors.missingField('name');
  if (input.upstream === '') throw linkErrors.missingField('upstream');
  return input;
}

/** @throws LinkError before any of them was made */
export function readProxies(body: unknown): ProxyInput[] {
  if (!Array.isArray(body)) throw linkErrors.badBody('proxies must be a JSON array');
  return body.map((entry, index) => {
    const input = proxy(fieldsOf(entry, `proxy ${index + 1}`), fresh);
    if (input.name === '') throw linkErrors.missingField(`name at proxy ${index + 1}`);
    if (input.upstream === '') throw linkErrors.missingField(`upstream at proxy ${index + 1}`);
    return input;
  });
}

/** @throws LinkError */
export function readProxyChange(
  body: unknown,
  before: Pick<ProxyInput, 'name' | 'listen' | 'upstream' | 'enabled'>,
): ProxyInput {
  const input = proxy(fieldsOf(body), before);
  if (input.upstream === '') throw linkErrors.missingField('upstream');
  return input;
}

function share(fields: Fields, initial: number): number {
  const value = fields.toxicity ?? initial;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw linkErrors.badBody('field toxicity must be a number');
  return value;
}

/** @throws LinkError */
export function readToxic(body: unknown): Toxic {
  const fields = fieldsOf(body);
  const typeName = text(fields, 'type', '');
  const type = Object.hasOwn(toxicTypes, typeName) ? toxicTypes[typeName] : undefined;
  const stream = text(fields, 'stream', '').toLowerCase() || (type?.stream ?? 'downstream');
  const toxicity = share(fields, 1);
  if (stream !== 'upstream' && stream !== 'downstream') throw linkErrors.invalidStream();
  if (!type) throw linkErrors.invalidType();
  try {
    return {
      name: text(fields, 'name', '') || `${typeName}_${stream}`,
      type: typeName,
      stream: stream satisfies Direction,
      toxicity,
      attributes: readAttributes(type, fields.attributes),
      expiresAtMs: expiry(fields),
    };
  } catch (error) {
    throw badBody(error);
  }
}

/** Changes a toxic's attributes, share and, where it is given, expiry. @throws LinkError and leaves it as it was */
export function readToxicChange(body: unknown, toxic: Toxic): void {
  const fields = fieldsOf(body);
  const type = toxicTypes[toxic.type];
  if (!type) throw linkErrors.invalidType();
  try {
    const attributes = readAttributes(type, fields.attributes, toxic.attributes);
    const toxicity = share(fields, toxic.toxicity);
    const expiresAtMs = expiry(fields) ?? toxic.expiresAtMs;
    Object.assign(toxic.attributes, attributes);
    toxic.toxicity = toxicity;
    toxic.expiresAtMs = expiresAtMs;
  } catch (error) {
    throw badBody(error);
  }
}

function badBody(error: unknown): Error {
  const { message, name } = error as Error;
  return name === 'Error' && !('status' in (error as object)) ? linkErrors.badBody(message) : (error as Error);
}
