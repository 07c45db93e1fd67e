import { useState } from 'react';
import { type ContainerEntry, type ServiceView, toErrorView } from '../../../../main/contract/index.ts';
import { useCall } from '../../../app/use-call.ts';
import { cx, EmptyState, ErrorNote, formatBytes, formatDateTime, Icon, Loading } from '../../../ui/index.ts';
import { IfCapable } from './capability-note.tsx';
import { ancestorsOf, joinPath } from './file-paths.ts';
import { FilePreview } from './file-preview.tsx';
import { InstanceChoice, indexOf } from './instance-choice.tsx';
import './runtime.css';

/** The files of a container, to be looked at: a tree, and what is chosen in it beside it. */
export function Files({
  service,
  path,
  onPath,
}: {
  service: ServiceView;
  /** The file that is shown. */
  path: string | undefined;
  onPath: (path: string) => void;
}) {
  return (
    <IfCapable name="files" icon="services" title="There are no files to look at on this runtime">
      <FilesOf service={service} path={path} onPath={onPath} />
    </IfCapable>
  );
}

function FilesOf({
  service,
  path,
  onPath,
}: {
  service: ServiceView;
  path: string | undefined;
  onPath: (path: string) => void;
}) {
  const first = service.instances[0];
  const [instance, setInstance] = useState(first ? indexOf(first) : 1);
  const place = { service, instance };
  return (
    <div className="files">
      <div className="files-tree">
        <InstanceChoice instances={service.instances} value={instance} onChange={setInstance} />
        <Folder {...place} path="/" chosen={path} onChoose={onPath} />
      </div>
      <div className="files-preview">
        {path ? (
          <FilePreview key={path} {...place} path={path} />
        ) : (
          <EmptyState
            title="Nothing is chosen"
            text="Choose a file in the tree to look into it. Nothing is changed here."
          />
        )}
      </div>
    </div>
  );
}

/** What a link names is in sight once its folders are read. */
const showIt = (element: HTMLElement | null): void => element?.scrollIntoView({ block: 'nearest' });

interface Place {
  service: ServiceView;
  instance: number;
  path: string;
}

interface Choice {
  chosen: string | undefined;
  onChoose: (path: string) => void;
}

/** What lies in a folder; it is read when it is opened. */
function Folder({ service, instance, path, chosen, onChoose }: Place & Choice) {
  const { data, error, refetch } = useCall(
    'service.files',
    { service: service.id, instance, path },
    { keepPrevious: false },
  );
  if (error && !data) return <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />;
  if (!data) return <Loading what={`Reading ${path}`} />;
  if (data.entries.length === 0) return <p className="faint files-empty">empty</p>;
  return (
    <ul className="files-folder" aria-label={path}>
      {data.entries.map((entry) => (
        <Entry
          key={entry.name}
          entry={entry}
          service={service}
          instance={instance}
          path={joinPath(path, entry.name)}
          chosen={chosen}
          onChoose={onChoose}
        />
      ))}
      {data.cut && <li className="faint files-empty">There is more here than is listed.</li>}
    </ul>
  );
}

function Entry({ entry, ...rest }: { entry: ContainerEntry } & Place & Choice) {
  const { path, chosen, onChoose } = rest;
  const [open, setOpen] = useState(() => chosen !== undefined && ancestorsOf(chosen).includes(path));
  const isFolder = entry.kind === 'folder';
  const about = [
    entry.kind === 'link' && entry.target ? `leads to ${entry.target}` : entry.kind,
    (entry.mode & 0o7777).toString(8).padStart(4, '0'),
    entry.modifiedAt && formatDateTime(Date.parse(entry.modifiedAt)),
  ];
  return (
    <li>
      <button
        type="button"
        className={cx('files-entry', path === chosen && 'files-entry-chosen')}
        aria-expanded={isFolder ? open : undefined}
        aria-current={path === chosen ? 'true' : undefined}
        ref={path === chosen ? showIt : undefined}
        title={about.filter(Boolean).join(' · ')}
        onClick={() => (isFolder ? setOpen(!open) : onChoose(path))}
      >
        {isFolder ? <Icon name={open ? 'chevron-down' : 'chevron-right'} /> : <span className="files-no-arrow" />}
        <span className="truncate">
          {entry.name}
          {isFolder && '/'}
        </span>
        {entry.kind === 'link' && <span className="faint truncate">→ {entry.target}</span>}
        {entry.kind === 'file' && <span className="faint num">{formatBytes(entry.sizeBytes)}</span>}
      </button>
      {isFolder && open && <Folder {...rest} />}
    </li>
  );
}
