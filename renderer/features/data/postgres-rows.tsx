import type { PostgresTable } from '../../../main/contract/index.ts';
import { useCall } from '../../app/use-call.ts';
import { Button, CopyButton, IconButton, Loading, plural } from '../../ui/index.ts';
import { DataProblem } from './data-problem.tsx';

const LIMIT = 50;

/** The first rows of a table, in the order that the server finds them. */
export function PostgresRows({
  service,
  database,
  table,
  onClose,
}: {
  service: string;
  database: string;
  table: PostgresTable;
  onClose: () => void;
}) {
  const { schema, name } = table;
  const ask = { service, database, schema, name, limit: LIMIT };
  const { data, error, refetch, isFetching } = useCall('peek.postgresRows', ask, { keepPrevious: false });
  const text = data
    ? [data.columns, ...data.rows].map((row) => row.map((cell) => cell ?? '').join('\t')).join('\n')
    : '';
  return (
    <section className="data-preview" aria-label={`Rows of ${name}`}>
      <header className="data-preview-head">
        <h2>{name}</h2>
        <span className="muted">
          {data?.cut ? `the first ${LIMIT} rows` : data ? plural(data.rows.length, 'row') : ''}
        </span>
        <span className="data-grow" />
        <Button onClick={() => void refetch()} disabled={isFetching}>
          Read again
        </Button>
        <CopyButton text={text} what="rows, with tabs" />
        <IconButton icon="close" label="Close the rows" onClick={onClose} />
      </header>
      {error ? (
        <DataProblem error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Loading what={`Reading ${name}`} />
      ) : data.rows.length === 0 ? (
        <p className="data-hint muted">No row in it now.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
        <section className="data-grid" tabIndex={0} aria-label={`Rows of ${name}`}>
          <table>
            <thead>
              <tr>
                {data.columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.rows.map((row, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name, and are never reordered.
                <tr key={at}>
                  {row.map((cell, column) => (
                    <td key={data.columns[column]} title={cell ?? undefined}>
                      {cell ?? <span className="faint">NULL</span>}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}
