import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';

const vectorSize = 2048;

/**
 * Appends rows, given by column as JavaScript values, to a table of few writes. When it returns, all are in the connection's
 * transaction; when it throws, the transaction is broken.
 */
export async function writeRows(
  connection: DuckDBConnection,
  table: string,
  types: readonly DuckDBType[],
  columns: readonly (readonly DuckDBValue[])[],
): Promise<void> {
  const rows = columns[0]?.length ?? 0;
  if (rows === 0) return;
  const appender = await connection.createAppender(table);
  try {
    for (let from = 0; from < rows; from += vectorSize) {
      const count = Math.min(vectorSize, rows - from);
      const chunk = DuckDBDataChunk.create(types, count);
      columns.forEach((values, index) => {
        chunk.setColumnValues(index, values.slice(from, from + count));
      });
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  } catch (error) {
    discard(appender);
    throw error;
  }
}

function discard(appender: DuckDBAppender): void {
  try {
    appender.clear();
    appender.closeSync();
  } catch {
    // It holds nothing any more; the failure that led here is what gets reported.
  }
}
