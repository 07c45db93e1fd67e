/** A value that a statement takes for a `$1`, `$2` … ; a UUID goes as text with a cast: `$1::UUID`. */
export type SqlParameter = string | number | bigint | boolean | null;

/**
 * What a query sees of the store: read-only SQL over committed rows. Values come as JavaScript has them: BIGINT, UBIGINT
 * and HUGEINT as bigint, the smaller integers and DOUBLE as number, VARCHAR and UUID as string, lists as arrays, NULL as
 * null. Note that `count(*)` is a BIGINT and `sum` of integers a HUGEINT: cast (`count(*)::DOUBLE`) where a number will do.
 */
export interface QueryConnection {
  /** All rows of one statement, as objects by column name. Rejects with DuckDB's error, or when the query is cancelled. */
  all<T extends object>(sql: string, parameters?: readonly SqlParameter[]): Promise<T[]>;
}

/** What a query gets beside its input. */
export interface QueryContext {
  /** The clock, for ranges that move with it. */
  readonly nowMs: number;
  /** Aborts when the caller is gone; statements are interrupted by themselves. */
  readonly signal: AbortSignal;
}

/**
 * A query as the worker runs it. `query/index.ts` exports `queries`, one per name; each call gets a connection of its own
 * for as long as it lasts. Input is parsed already. A FlotillaError that it throws reaches the caller as such.
 */
export type StoreQuery<Input, Output> = (db: QueryConnection, input: Input, context: QueryContext) => Promise<Output>;
