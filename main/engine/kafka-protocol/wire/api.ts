import type { Codec, Dialect } from './codec.ts';
import { MalformedError } from './malformed-error.ts';
import type { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** One of the protocol's calls: its number, the versions spoken here. */
export interface ApiRange {
  readonly name: string;
  readonly key: number;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** From this version on lengths are compact and tagged fields follow. */
  readonly flexibleSince: number;
  /** What ApiVersions announces as the oldest where that differs (Produce, for the sake of librdkafka). */
  readonly announcedMinVersion: number;
}

/** How a call travels as its server sees it: `Q` is what a request reads as, `RW` what a response is written from. */
export interface ServerApi<Q, RW> extends ApiRange {
  decodeRequest(reader: Reader, version: number): Q;
  encodeResponse(writer: Writer, response: RW, version: number): void;
}

/** How a call travels as its client sees it. */
export interface ClientApi<QW, R> extends ApiRange {
  encodeRequest(writer: Writer, request: QW, version: number): void;
  decodeResponse(reader: Reader, version: number): R;
}

export interface Api<Q, QW, R, RW> extends ServerApi<Q, RW>, ClientApi<QW, R> {}

interface Definition<Q, QW, R, RW> {
  readonly name: string;
  readonly key: number;
  /** Oldest and newest version, both included. */
  readonly versions: readonly [number, number];
  readonly flexibleSince: number;
  readonly announcedMinVersion?: number;
  readonly request: Codec<Q, QW>;
  readonly response: Codec<R, RW>;
}

export function defineApi<Q, QW, R, RW>(definition: Definition<Q, QW, R, RW>): Api<Q, QW, R, RW> {
  const { request, response, flexibleSince } = definition;
  const [minVersion, maxVersion] = definition.versions;
  const dialects: Dialect[] = Array.from({ length: maxVersion + 1 }, (_, version) => ({
    version,
    flexible: version >= flexibleSince,
  }));
  const dialectOf = (version: number): Dialect => dialects[version] ?? { version, flexible: version >= flexibleSince };
  return {
    name: definition.name,
    key: definition.key,
    minVersion,
    maxVersion,
    flexibleSince,
    announcedMinVersion: definition.announcedMinVersion ?? minVersion,
    decodeRequest: (reader, version) => request.read(reader, dialectOf(version)),
    encodeResponse: (writer, value, version) => response.write(writer, value, dialectOf(version)),
    encodeRequest: (writer, value, version) => request.write(writer, value, dialectOf(version)),
    decodeResponse: (reader, version) => response.read(reader, dialectOf(version)),
  };
}

export interface RequestHeader {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

/** Reads the header up to the client id, which every version has. Tagged fields (header v2) are read by `skipHeaderTags`. */
export function readRequestHeader(reader: Reader): RequestHeader {
  const apiKey = reader.int16();
  const apiVersion = reader.int16();
  const correlationId = reader.int32();
  const length = reader.int16();
  if (length > reader.remaining) throw new MalformedError('the client id is longer than its message');
  return { apiKey, apiVersion, correlationId, clientId: length < 0 ? null : reader.utf8(length) };
}

export const API_VERSIONS_KEY = 18;

/**
 * A response as it goes on the socket: size, header, body. The header of an ApiVersions response never has tagged
 * fields, whatever its version, so that a client can read the answer to a version that the broker does not know.
 */
export function encodeResponseFrame<Q, R>(
  api: ServerApi<Q, R>,
  version: number,
  correlationId: number,
  body: R,
): Buffer[] {
  const writer = new Writer();
  writer.int32(0);
  writer.int32(correlationId);
  if (hasResponseTags(api, version)) writer.unsignedVarint(0);
  api.encodeResponse(writer, body, version);
  return sized(writer);
}

const hasResponseTags = (api: ApiRange, version: number): boolean =>
  version >= api.flexibleSince && api.key !== API_VERSIONS_KEY;

/** Fills in the frame's size, for which the first four bytes were left. */
function sized(writer: Writer): Buffer[] {
  const length = writer.length;
  const chunks = writer.chunks();
  const first = chunks[0];
  if (first === undefined) throw new Error('a frame without a header');
  first.writeInt32BE(length - 4, 0);
  return chunks;
}

/** A request as it goes on the socket: size, header, body. */
export function encodeRequestFrame<Q, R>(
  api: ClientApi<Q, R>,
  header: Omit<RequestHeader, 'apiKey'>,
  body: Q,
): Buffer[] {
  const writer = new Writer();
  writer.int32(0);
  writer.int16(api.key);
  writer.int16(header.apiVersion);
  writer.int32(header.correlationId);
  const clientId = header.clientId ?? '';
  const bytes = Buffer.byteLength(clientId);
  writer.int16(header.clientId === null ? -1 : bytes);
  writer.utf8(clientId, bytes);
  if (header.apiVersion >= api.flexibleSince) writer.unsignedVarint(0);
  api.encodeRequest(writer, body, header.apiVersion);
  return sized(writer);
}

/** Reads a response behind its correlation id. @throws MalformedError */
export function decodeResponseBody<Q, R>(api: ClientApi<Q, R>, version: number, reader: Reader): R {
  if (hasResponseTags(api, version)) reader.skipTaggedFields();
  return api.decodeResponse(reader, version);
}
