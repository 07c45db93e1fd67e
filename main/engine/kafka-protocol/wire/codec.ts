import { MalformedError } from './malformed-error.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** Which encoding applies: the API's version, and whether that version uses compact lengths and tagged fields (KIP-482). */
export interface Dialect {
  readonly version: number;
  readonly flexible: boolean;
}

/** How one type travels. `R` is what reading gives, `W` what writing takes. */
export interface Codec<R, W = R> {
  read(reader: Reader, dialect: Dialect): R;
  write(writer: Writer, value: W, dialect: Dialect): void;
}

/** A field that only some versions carry: `absent` is read where it is missing, and written where no value is given. */
export interface VersionedField<R, W = R> {
  readonly codec: Codec<R, W>;
  readonly since: number;
  readonly until: number;
  readonly tag: number | null;
  readonly absent: R;
}

export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';

export const boolean: Codec<boolean> = {
  read: (reader) => reader.int8() !== 0,
  write: (writer, value) => writer.int8(value ? 1 : 0),
};
export const int8: Codec<number> = {
  read: (reader) => reader.int8(),
  write: (writer, value) => writer.int8(value),
};
export const int16: Codec<number> = {
  read: (reader) => reader.int16(),
  write: (writer, value) => writer.int16(value),
};
export const int32: Codec<number> = {
  read: (reader) => reader.int32(),
  write: (writer, value) => writer.int32(value),
};
export const int64: Codec<number> = {
  read: (reader) => reader.int64(),
  write: (writer, value) => writer.int64(value),
};
export const uuid: Codec<string> = {
  read: (reader) => reader.uuid(),
  write: (writer, value) => writer.uuid(value),
};

function readLength(reader: Reader, dialect: Dialect, wide: boolean): number {
  if (dialect.flexible) return reader.unsignedVarint() - 1;
  return wide ? reader.int32() : reader.int16();
}

function writeLength(writer: Writer, length: number, dialect: Dialect, wide: boolean): void {
  if (dialect.flexible) writer.unsignedVarint(length + 1);
  else if (wide) writer.int32(length);
  else writer.int16(length);
}

export const nullableString: Codec<string | null> = {
  read(reader, dialect) {
    const length = readLength(reader, dialect, false);
    return length < 0 ? null : reader.utf8(length);
  },
  write(writer, value, dialect) {
    if (value === null) return writeLength(writer, -1, dialect, false);
    const bytes = Buffer.byteLength(value);
    writeLength(writer, bytes, dialect, false);
    writer.utf8(value, bytes);
  },
};

export const string: Codec<string> = {
  read(reader, dialect) {
    const value = nullableString.read(reader, dialect);
    if (value === null) throw new MalformedError('null where a string must be');
    return value;
  },
  write: nullableString.write,
};

export const nullableBytes: Codec<Buffer | null> = {
  read(reader, dialect) {
    const length = readLength(reader, dialect, true);
    return length < 0 ? null : reader.bytes(length);
  },
  write(writer, value, dialect) {
    if (value === null) return writeLength(writer, -1, dialect, true);
    writeLength(writer, value.length, dialect, true);
    writer.bytes(value);
  },
};

export const bytes: Codec<Buffer> = {
  read: (reader, dialect) => nullableBytes.read(reader, dialect) ?? Buffer.alloc(0),
  write: nullableBytes.write,
};

/** Record batches: bytes that may be written from several buffers without joining them. */
export const records: Codec<Buffer | null, readonly Buffer[]> = {
  read: nullableBytes.read,
  write(writer, value, dialect) {
    let total = 0;
    for (const part of value) total += part.length;
    writeLength(writer, total, dialect, true);
    for (const part of value) writer.bytes(part);
  },
};

export function nullableArray<R, W>(element: Codec<R, W>): Codec<R[] | null, readonly W[] | null> {
  return {
    read(reader, dialect) {
      const count = readLength(reader, dialect, true);
      if (count < 0) return null;
      // An element takes a byte at least: a count beyond the rest of the message must not make us allocate for it.
      if (count > reader.remaining)
        throw new MalformedError(`an array of ${count} elements is longer than its message`);
      const elements: R[] = [];
      for (let index = 0; index < count; index += 1) elements.push(element.read(reader, dialect));
      return elements;
    },
    write(writer, value, dialect) {
      if (value === null) return writeLength(writer, -1, dialect, true);
      writeLength(writer, value.length, dialect, true);
      for (const item of value) element.write(writer, item, dialect);
    },
  };
}

export function array<R, W>(element: Codec<R, W>): Codec<R[], readonly W[]> {
  const nullable = nullableArray(element);
  return {
    read: (reader, dialect) => nullable.read(reader, dialect) ?? [],
    write: nullable.write,
  };
}

/** A structure that may be null, marked by a byte in front of it. */
export function nullableStruct<R, W>(inner: Codec<R, W>): Codec<R | null, W | null> {
  return {
    read: (reader, dialect) => (reader.int8() < 0 ? null : inner.read(reader, dialect)),
    write(writer, value, dialect) {
      writer.int8(value === null ? -1 : 1);
      if (value !== null) inner.write(writer, value, dialect);
    },
  };
}

const LAST = Number.MAX_SAFE_INTEGER;

export function since<R, W>(version: number, codec: Codec<R, W>, absent: R): VersionedField<R, W> {
  return { codec, since: version, until: LAST, tag: null, absent };
}
export function until<R, W>(version: number, codec: Codec<R, W>, absent: R): VersionedField<R, W> {
  return { codec, since: 0, until: version, tag: null, absent };
}
export function between<R, W>(first: number, last: number, codec: Codec<R, W>, absent: R): VersionedField<R, W> {
  return { codec, since: first, until: last, tag: null, absent };
}
/** A field of every version that has a usual value and need not be given when writing. */
export function usually<R, W>(codec: Codec<R, W>, absent: R): VersionedField<R, W> {
  return since(0, codec, absent);
}
/** A tagged field: read where a peer sends it; this broker has no need to send one. */
export function tagged<R, W>(tag: number, version: number, codec: Codec<R, W>, absent: R): VersionedField<R, W> {
  return { codec, since: version, until: LAST, tag, absent };
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where types of any kind meet; the mapped types below restore them
type AnyField = Codec<any, any> | VersionedField<any, any>;
type Fields = Readonly<Record<string, AnyField>>;
type ReadOf<F> = F extends Codec<infer R, infer _W> ? R : F extends VersionedField<infer R, infer _W> ? R : never;
type WriteOf<F> = F extends Codec<infer _R, infer W> ? W : F extends VersionedField<infer _R, infer W> ? W : never;
type OptionalNames<F extends Fields> = {
  [N in keyof F]: F[N] extends { readonly absent: unknown } ? N : never;
}[keyof F];
export type StructRead<F extends Fields> = { -readonly [N in keyof F]: ReadOf<F[N]> };
export type StructWrite<F extends Fields> = {
  readonly [N in Exclude<keyof F, OptionalNames<F>>]: WriteOf<F[N]>;
} & { readonly [N in OptionalNames<F>]?: WriteOf<F[N]> };

export type Decoded<C> = C extends Codec<infer R, infer _W> ? R : never;
export type Encodable<C> = C extends Codec<infer _R, infer W> ? W : never;

interface NamedField {
  readonly name: string;
  readonly field: VersionedField<unknown, unknown>;
}

/** Fields in the order in which they travel. Tagged fields come last, whatever their place in `fields`. */
export function struct<F extends Fields>(fields: F): Codec<StructRead<F>, StructWrite<F>> {
  const all: NamedField[] = Object.entries(fields).map(([name, field]) => ({
    name,
    field: 'codec' in field ? field : { codec: field, since: 0, until: LAST, tag: null, absent: undefined },
  }));
  const plain = all.filter(({ field }) => field.tag === null);
  const byTag = new Map(all.filter(({ field }) => field.tag !== null).map((entry) => [entry.field.tag, entry]));

  function readTagged(reader: Reader, dialect: Dialect, into: Record<string, unknown>): void {
    const count = reader.unsignedVarint();
    for (let index = 0; index < count; index += 1) {
      const tag = reader.unsignedVarint();
      const size = reader.unsignedVarint();
      const end = reader.position + size;
      const known = byTag.get(tag);
      if (known !== undefined && dialect.version >= known.field.since) {
        into[known.name] = known.field.codec.read(reader, dialect);
        if (reader.position !== end) throw new MalformedError(`the tagged field ${known.name} has a wrong length`);
      } else {
        reader.bytes(size);
      }
    }
  }

  return {
    read(reader, dialect) {
      const value: Record<string, unknown> = {};
      for (const { name, field } of plain) {
        const present = dialect.version >= field.since && dialect.version <= field.until;
        value[name] = present ? field.codec.read(reader, dialect) : field.absent;
      }
      for (const { name, field } of byTag.values()) value[name] = field.absent;
      if (dialect.flexible) readTagged(reader, dialect, value);
      return value as StructRead<F>;
    },
    write(writer, value, dialect) {
      const given = value as Readonly<Record<string, unknown>>;
      for (const { name, field } of plain) {
        if (dialect.version < field.since || dialect.version > field.until) continue;
        const item = given[name];
        field.codec.write(writer, item === undefined ? field.absent : item, dialect);
      }
      if (dialect.flexible) writer.unsignedVarint(0);
    },
  };
}
