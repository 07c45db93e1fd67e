import type { Message } from 'protobufjs';
import { requestTypes, type Signal } from './otlp-proto.ts';
import { MalformedError, maxDepth } from './wire-reader.ts';

/** Fields that hold an id: hex digits in OTLP's JSON, where protobuf's own mapping has base64. */
const idFields = new Set(['traceId', 'spanId', 'parentSpanId']);
/** Some values nest beneath others beneath spans beneath scopes: levels of JSON, not of values. */
const maxJsonDepth = maxDepth * 4;
const enumNumbers: Record<string, Record<string, number>> = {
  kind: {
    SPAN_KIND_UNSPECIFIED: 0,
    SPAN_KIND_INTERNAL: 1,
    SPAN_KIND_SERVER: 2,
    SPAN_KIND_CLIENT: 3,
    SPAN_KIND_PRODUCER: 4,
    SPAN_KIND_CONSUMER: 5,
  },
  code: { STATUS_CODE_UNSET: 0, STATUS_CODE_OK: 1, STATUS_CODE_ERROR: 2 },
  aggregationTemporality: {
    AGGREGATION_TEMPORALITY_UNSPECIFIED: 0,
    AGGREGATION_TEMPORALITY_DELTA: 1,
    AGGREGATION_TEMPORALITY_CUMULATIVE: 2,
  },
};

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Prepares a parsed body for protobufjs: ids become bytes, names of enum values numbers; what is null counts as absent. */
function prepare(value: Json, key: string, depth: number): unknown {
  if (depth > maxJsonDepth) throw new MalformedError(`the JSON is nested deeper than ${maxJsonDepth} levels`);
  if (Array.isArray(value)) return value.map((item) => prepare(item, key, depth + 1));
  if (value !== null && typeof value === 'object') {
    const prepared: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(value)) {
      if (member !== null) prepared[camelCase(name)] = prepare(member, camelCase(name), depth + 1);
    }
    return prepared;
  }
  if (typeof value !== 'string') return value;
  if (idFields.has(key)) return hexBytes(value, key);
  return enumNumbers[key]?.[value] ?? specialNumber(value, key);
}

/** Field names come in lowerCamelCase; parsers are to take the .proto's names too. */
function camelCase(name: string): string {
  return name.includes('_') ? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : name;
}

function hexBytes(text: string, key: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/i.test(text)) throw new MalformedError(`${key} is not hexadecimal`);
  return Buffer.from(text, 'hex');
}

/** Protobuf's JSON writes what JSON has no number for as text. */
function specialNumber(text: string, key: string): string | number {
  if (key !== 'asDouble' && key !== 'doubleValue' && key !== 'sum') return text;
  if (text === 'NaN') return Number.NaN;
  if (text === 'Infinity') return Number.POSITIVE_INFINITY;
  return text === '-Infinity' ? Number.NEGATIVE_INFINITY : text;
}

/**
 * A request body in OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding) as the message that the protobuf
 * body would have been. Throws MalformedError.
 */
export function messageFromJson(signal: Signal, body: Uint8Array): Message {
  let parsed: Json;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as Json;
  } catch (error) {
    throw new MalformedError(`it is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw new MalformedError('it is not a JSON object');
  }
  const prepared = prepare(parsed, '', 0) as Record<string, unknown>;
  const type = requestTypes[signal];
  try {
    return type.fromObject(prepared);
  } catch (error) {
    throw new MalformedError(error instanceof Error ? error.message : String(error));
  }
}

/** A protobuf request body as a message. Throws MalformedError. */
export function messageFromProtobuf(signal: Signal, body: Uint8Array): Message {
  try {
    return requestTypes[signal].decode(body);
  } catch (error) {
    throw new MalformedError(error instanceof Error ? error.message : String(error));
  }
}
