import { useState } from 'react';
import type { FleetView, RuntimeKind } from '../../../main/contract/index.ts';
import { shellBridge } from '../../app/shell-bridge.ts';
import { useAct, useCall } from '../../app/use-call.ts';
import { Button, CopyButton } from '../../ui/index.ts';
import { AttachChoice } from './attach-choice.tsx';
import { RuntimeChoice } from './runtime-choice.tsx';
import './start.css';

/** No fleet runs: what it would be, and the ways to start one. */
export function StartView({ fleet }: { fleet: FleetView | null }) {
  const up = useAct('fleet.up');
  const shell = shellBridge();
  const [file, setFile] = useState('');
  const [picked, setPicked] = useState<RuntimeKind | null>(null);
  const { data: runtimes } = useCall('runtimes.list', fleet ? { file: fleet.file } : {});
  const ours = runtimes?.find((one) => one.isDefault);
  const runtime = picked ?? fleet?.runtime ?? ours?.kind ?? null;
  // What nobody picked the engine decides: it knows best what a file can run on.
  const choice = picked ? { runtime: picked } : fleet ? { runtime: fleet.runtime } : {};
  const again = fleet ? { file: fleet.file, ...choice } : choice;
  return (
    <div className="start-view">
      <div className="start-view-body">
        <h1>{fleet ? `${fleet.name} is stopped` : 'No fleet is running'}</h1>
        <p className="muted">
          {fleet
            ? 'Nothing of it is left running. What its services wrote and traced stays here until the engine ends.'
            : 'The shop is a fleet of eleven small services with PostgreSQL, Kafka and Redis. Its shoppers browse, fill carts and buy, so there is something to see from the first second. No account is needed and, on plain processes, nothing to install.'}
        </p>
        {runtimes && runtimes.length > 0 && <RuntimeChoice runtimes={runtimes} value={runtime} onChange={setPicked} />}
        {!picked && !fleet && ours?.defaultReason && <p className="muted start-view-why">{ours.defaultReason}</p>}
        <div className="start-view-actions">
          <Button look="primary" icon="play" busy={up.isPending} onClick={() => up.mutate(again)}>
            {up.isPending ? 'Starting …' : fleet ? `Start ${fleet.name} again` : 'Start the shop'}
          </Button>
        </div>
        <AttachChoice />
        <h2>Your own compose.yaml</h2>
        <form
          className="start-view-file"
          onSubmit={(event) => {
            event.preventDefault();
            if (file.trim() !== '') up.mutate({ file: file.trim(), ...(picked ? { runtime: picked } : {}) });
          }}
        >
          <input
            type="text"
            aria-label="Path of a compose.yaml"
            placeholder="/path/to/compose.yaml"
            spellCheck={false}
            value={file}
            onChange={(event) => setFile(event.target.value)}
          />
          {shell !== null && (
            <Button onClick={() => void shell.call('fleet-file.choose').then((chosen) => chosen && setFile(chosen))}>
              Choose …
            </Button>
          )}
          <Button type="submit" disabled={file.trim() === '' || up.isPending}>
            Start it
          </Button>
        </form>
        <p className="muted start-view-cli">
          In a terminal: <code>flotilla up path/to/compose.yaml</code>
          <CopyButton text="flotilla up path/to/compose.yaml" what="command" />
        </p>
      </div>
    </div>
  );
}
