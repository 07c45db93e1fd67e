import { type ContainerFile, type ServiceView, toErrorView } from '../../../../main/contract/index.ts';
import { useCall } from '../../../app/use-call.ts';
import { Button, CopyButton, download, ErrorNote, formatBytes, hexDump, Loading } from '../../../ui/index.ts';
import { bytesOf } from './file-paths.ts';

/** As much of a file as a page can carry; what is larger is said to be. */
const MAX_BYTES = 1_048_576;
const HEX_BYTES = 4096;

/** What stands in a file of a container: text as it is, anything else as hex. */
export function FilePreview({ service, instance, path }: { service: ServiceView; instance: number; path: string }) {
  const { data, error, refetch } = useCall(
    'service.file',
    { service: service.id, instance, path, maxBytes: MAX_BYTES },
    { keepPrevious: false },
  );
  if (error && !data) return <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />;
  if (!data) return <Loading what={`Reading ${path}`} />;
  return (
    <section className="file" aria-label={path}>
      <h3>
        <span className="mono truncate">{path}</span>
        <span className="muted">{formatBytes(data.sizeBytes)}</span>
        {data.encoding === 'utf8' && !data.cut && <CopyButton text={data.content} what="text" />}
        <Button
          look="quiet"
          icon="down"
          disabled={data.cut}
          title={
            data.cut ? `Too large to be saved from here: over ${formatBytes(MAX_BYTES)}` : 'Save it on this machine'
          }
          onClick={() => save(data)}
        >
          Save
        </Button>
      </h3>
      <Content file={data} />
    </section>
  );
}

function save({ path, encoding, content }: ContainerFile): void {
  download(path.split('/').at(-1) ?? 'file', encoding === 'utf8' ? content : bytesOf(content));
}

function Content({ file }: { file: ContainerFile }) {
  const cut = file.cut && (
    <p className="file-note">
      It is too large to be shown whole: these are the first {formatBytes(MAX_BYTES)} of {formatBytes(file.sizeBytes)}.
    </p>
  );
  if (file.sizeBytes === 0 && file.content === '') return <p className="file-note">It is empty.</p>;
  if (file.encoding === 'utf8') {
    return (
      <>
        {cut}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
        <pre tabIndex={0}>{file.content}</pre>
      </>
    );
  }
  const bytes = bytesOf(file.content);
  return (
    <>
      <p className="file-note">
        It is no text. {bytes.length > HEX_BYTES ? `Its first ${formatBytes(HEX_BYTES)} as bytes:` : 'Its bytes:'}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
      <pre tabIndex={0}>{hexDump(bytes.slice(0, HEX_BYTES))}</pre>
    </>
  );
}
