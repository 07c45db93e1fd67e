import type { BodyKind } from './body-scanner.ts';
import type { Head } from './head.ts';

/** Method and target of a request; null when it is no request of HTTP/1. */
export function requestLine({ firstLine }: Pick<Head, 'firstLine'>): { method: string; path: string } | null {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/1\.[01]$/.exec(firstLine);
  return match ? { method: match[1] ?? '', path: match[2] ?? '' } : null;
}

/** The status of a response; null when it is no response of HTTP/1. */
export function statusOf({ firstLine }: Pick<Head, 'firstLine'>): number | null {
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/.exec(firstLine)?.[1];
  return status ? Number(status) : null;
}

function framedBody(head: Head): BodyKind | null | undefined {
  const framing = head.framing();
  if (framing.length === 0) return undefined;
  const valuesOf = (wanted: string): string[] =>
    framing.flatMap(([name, value]) => (name === wanted ? value.split(',') : [])).map((value) => value.trim());
  const encodings = valuesOf('transfer-encoding');
  if (encodings.length > 0) return encodings.at(-1)?.toLowerCase() === 'chunked' ? { kind: 'chunked' } : null;
  const [first, ...others] = valuesOf('content-length');
  if (!first || !/^\d{1,15}$/.test(first) || others.some((other) => other !== first)) return null;
  return { kind: 'length', bytes: Number(first) };
}

/** How a request's body ends (RFC 9112, 6.3); null when it cannot be known. */
export function requestBody(head: Head): BodyKind | null {
  const body = framedBody(head);
  return body === undefined ? { kind: 'none' } : body;
}

/** How a response's body ends; null when it cannot be known. */
export function responseBody(head: Head, method: string, status: number): BodyKind | null {
  if (method === 'HEAD' || status === 204 || status === 304) return { kind: 'none' };
  const body = framedBody(head);
  return body === undefined || body === null ? { kind: 'close' } : body;
}
