import {
  BIGINT,
  DOUBLE,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
  HUGEINT,
  UBIGINT,
} from '@duckdb/node-api';
import type { QueryConnection, SqlParameter } from './connection.ts';

/** The type that lets a comparison with a column be answered from the zone maps: no wider than it needs to be. */
function typeOf(value: SqlParameter): DuckDBType | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BIGINT : DOUBLE;
  if (typeof value !== 'bigint') return undefined;
  if (value >= -(2n ** 63n) && value < 2n ** 63n) return BIGINT;
  return value >= 0n && value < 2n ** 64n ? UBIGINT : HUGEINT;
}

/** Text that stands in quotes as it is, whatever quotes it. */
const harmless = /^[\w .,:;/@[\]-]*$/;

/** A value as it is written in SQL; null for one that had better stay a parameter. */
function literalOf(value: SqlParameter): string | null {
  if (typeof value === 'string') return harmless.test(value) ? `'${value}'` : null;
  const type = typeOf(value);
  return type !== undefined && Number.isFinite(Number(value)) ? `(${value})::${type}` : null;
}

/**
 * The statement with its parameters written in; null when one of them cannot be. DuckDB plans a statement with parameters
 * twice, before and after it knows their types: for what a live view asks each second, planning is most of the work.
 */
export function withLiterals(sql: string, parameters: readonly SqlParameter[]): string | null {
  const literals = parameters.map(literalOf);
  if (literals.includes(null)) return null;
  // What stands in quotes is no parameter.
  return sql.replace(/'(?:[^']|'')*'|\$(\d+)/g, (found, number?: string) =>
    number === undefined ? found : (literals[Number(number) - 1] ?? found),
  );
}

/** A query's view of a connection; statements stop, and no further ones start, once the signal aborts. */
export function queryConnection(connection: DuckDBConnection, signal: AbortSignal): QueryConnection {
  return {
    async all<T extends object>(sql: string, parameters: readonly SqlParameter[] = []): Promise<T[]> {
      signal.throwIfAborted();
      const interrupt = (): void => connection.interrupt();
      signal.addEventListener('abort', interrupt, { once: true });
      try {
        const written = withLiterals(sql, parameters);
        const reader = await (written === null
          ? connection.runAndReadAll(sql, ...bindings(parameters))
          : connection.runAndReadAll(written));
        return reader.getRowObjectsJS() as T[];
      } finally {
        signal.removeEventListener('abort', interrupt);
      }
    },
  };
}

function bindings(parameters: readonly SqlParameter[]): [DuckDBValue[], DuckDBType[]] {
  const values = parameters.map((value) => (Number.isSafeInteger(value) ? BigInt(value as number) : value));
  return [values as DuckDBValue[], parameters.map(typeOf) as DuckDBType[]];
}
