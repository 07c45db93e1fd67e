import { useCall } from '../../app/use-call.ts';
import { CopyButton, formatBytes, formatCount, formatSpan, IconButton, Loading, prettyJson } from '../../ui/index.ts';
import { DataProblem } from './data-problem.tsx';

/** What a key holds: its first elements, JSON laid out. */
export function RedisValue({
  service,
  database,
  keyBase64,
  name,
  onClose,
}: {
  service: string;
  database: number;
  keyBase64: string;
  name: string | null;
  onClose: () => void;
}) {
  const ask = { service, database, keyBase64 };
  const { data, error, refetch } = useCall('peek.redisValue', ask, { everyMs: 3000, keepPrevious: false });
  const shown = data?.entries.map((entry) => ({ ...entry, value: prettyJson(entry.value) }));
  const text = shown?.map(({ field, value }) => (field === null ? value : `${field}\t${value}`)).join('\n') ?? '';
  return (
    <section className="data-preview data-preview-side" aria-label={`Value of ${name ?? 'the key'}`}>
      <header className="data-preview-head">
        <h2 className="truncate">{data?.name ?? name ?? 'Key'}</h2>
        <span className="data-grow" />
        <CopyButton text={text} what="value" />
        <IconButton icon="close" label="Close the value" onClick={onClose} />
      </header>
      {error ? (
        <DataProblem error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Loading what="Reading the value" />
      ) : data === null ? (
        <p className="data-hint muted">The key is gone: it expired or was deleted.</p>
      ) : (
        <>
          <p className="data-hint muted">
            {data.type} of {formatCount(data.length)} {data.type === 'string' ? 'bytes' : 'elements'}
            {data.bytes !== null && `, ${formatBytes(data.bytes)} in memory`}
            {data.expiresInMs !== null && `, expires in ${formatSpan(data.expiresInMs)}`}
            {data.cut && '; the beginning is shown'}
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys. */}
          <section className="data-grid" tabIndex={0} aria-label="Value">
            {data.type === 'string' ? (
              <pre>{shown?.[0]?.value}</pre>
            ) : (
              <table>
                <tbody>
                  {shown?.map(({ field, value }, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: elements of a set have no other name.
                    <tr key={at}>
                      {field !== null && <th scope="row">{field}</th>}
                      <td>
                        <pre>{value}</pre>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </section>
        </>
      )}
    </section>
  );
}
