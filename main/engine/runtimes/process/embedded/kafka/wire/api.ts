import type { Codec, Dialect } from './codec.ts';
import { MalformedError } from './malformed-error.ts';
import type { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** One of the protocol's calls: its number, the versions spoken here, and how request and response travel. */
export interface Api<Request = unknown, Response = unknown> {
  readonly name: string;
  readonly key: number;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** From this version on lengths are compact and tagged fields follow. */
  readonly flexibleSince: number;
  /** What ApiVersions announces as the oldest where that differs (Produce, for the sake of librdkafka). */
  readonly announcedMinVersion: number;
  decodeRequest(reader: Reader, version: number): Request;
  encodeResponse(writer: Writer, response: Response, version: number): void;
}

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

/** @returns an API whose handler receives what `request` reads and answers what `response` writes. */
export function defineApi<Q, QW, R, RW>(definition: Definition<Q, QW, R, RW>): Api<Q, RW> {
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
export function encodeResponseFrame<Q, R>(api: Api<Q, R>, version: number, correlationId: number, body: R): Buffer[] {
  const writer = new Writer();
  writer.int32(0);
  writer.int32(correlationId);
  if (version >= api.flexibleSince && api.key !== API_VERSIONS_KEY) writer.unsignedVarint(0);
  api.encodeResponse(writer, body, version);
  const length = writer.length;
  const chunks = writer.chunks();
  const first = chunks[0];
  if (first === undefined) throw new Error('a response without a header');
  first.writeInt32BE(length - 4, 0);
  return chunks;
}
