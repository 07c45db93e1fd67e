/**
 * Kafka's wire protocol as data: how requests, responses and record batches travel. The embedded broker answers with it,
 * the engine's Kafka side asks with it. Everything is from Kafka's public protocol guide.
 */
export { crc32c } from './crc32c.ts';
export * from './messages/cluster.ts';
export * from './messages/configs.ts';
export * from './messages/groups.ts';
export * from './messages/records.ts';
export * from './messages/topics.ts';
export * from './record-batch.ts';
export * from './wire/api.ts';
export { type Codec, type Decoded, type Dialect, type Encodable, ZERO_UUID } from './wire/codec.ts';
export { ErrorCode } from './wire/error-code.ts';
export { FrameSplitter, MAX_FRAME_BYTES } from './wire/frame-splitter.ts';
export { MalformedError } from './wire/malformed-error.ts';
export { Reader } from './wire/reader.ts';
export { Writer } from './wire/writer.ts';
