import type { BodyKind } from './body-scanner.ts';
import { type Head, headerOf } from './head.ts';

/** Method and target of a request; null when it is no request of HTTP/1. */
export function requestLine({ firstLine }: Head): { method: string; path: string } | null {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/1\.[01]$/.exec(firstLine);
  return match ? { method: match[1] ?? '', path: match[2] ?? '' } : null;
}

/** The status of a response; null when it is no response of HTTP/1. */
export function statusOf({ firstLine }: Head): number | null {
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/.exec(firstLine)?.[1];
  return status ? Number(status) : null;
}

function framedBody(head: Head): BodyKind | null | undefined {
  const encoding = headerOf(head, 'transfer-encoding');
  if (encoding !== undefined) return /(?:^|,)\s*chunked\s*$/i.test(encoding) ? { kind: 'chunked' } : null;
  const length = headerOf(head, 'content-length');
  if (length === undefined) return undefined;
  const [first, ...others] = length.split(',').map((value) => value.trim());
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
