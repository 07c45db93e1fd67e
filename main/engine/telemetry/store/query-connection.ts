import { BIGINT, DOUBLE, type DuckDBConnection, type DuckDBType, HUGEINT, UBIGINT } from '@duckdb/node-api';
import type { QueryConnection, SqlParameter } from './connection.ts';

/** The type that lets a comparison with a column be answered from the zone maps: no wider than it needs to be. */
function typeOf(value: SqlParameter): DuckDBType | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BIGINT : DOUBLE;
  if (typeof value !== 'bigint') return undefined;
  if (value >= -(2n ** 63n) && value < 2n ** 63n) return BIGINT;
  return value >= 0n && value < 2n ** 64n ? UBIGINT : HUGEINT;
}

/** A query's view of a connection; statements stop, and no further ones start, once the signal aborts. */
export function queryConnection(connection: DuckDBConnection, signal: AbortSignal): QueryConnection {
  return {
    async all<T extends object>(sql: string, parameters: readonly SqlParameter[] = []): Promise<T[]> {
      signal.throwIfAborted();
      const values = parameters.map((value) => (Number.isSafeInteger(value) ? BigInt(value as number) : value));
      const types = parameters.map(typeOf) as DuckDBType[];
      const interrupt = (): void => connection.interrupt();
      signal.addEventListener('abort', interrupt, { once: true });
      try {
        const reader = await connection.runAndReadAll(sql, values, types);
        return reader.getRowObjectsJS() as T[];
      } finally {
        signal.removeEventListener('abort', interrupt);
      }
    },
  };
}
