import { useState } from 'react';
import type { FleetView } from '../../../main/contract/index.ts';
import { useAct } from '../../app/use-call.ts';
import { Button, CopyButton } from '../../ui/index.ts';
import './start.css';

/** No fleet runs: what it would be, and the ways to start one. */
export function StartView({ fleet }: { fleet: FleetView | null }) {
  const up = useAct('fleet.up');
  const [file, setFile] = useState('');
  const again = fleet ? { file: fleet.file, runtime: fleet.runtime } : {};
  return (
    <div className="start-view">
      <div className="start-view-body">
        <h1>{fleet ? `${fleet.name} is stopped` : 'No fleet is running'}</h1>
        <p className="muted">
          {fleet
            ? 'Nothing of it is left running. What its services wrote and traced stays here until the engine ends.'
            : 'The shop is a fleet of eleven small services with PostgreSQL, Kafka and Redis. Its shoppers browse, fill carts and buy, so there is something to see from the first second. It runs as plain processes: nothing to install, no account.'}
        </p>
        <div className="start-view-actions">
          <Button look="primary" icon="play" busy={up.isPending} onClick={() => up.mutate(again)}>
            {up.isPending ? 'Starting …' : fleet ? `Start ${fleet.name} again` : 'Start the shop'}
          </Button>
        </div>
        <h2>Or your own</h2>
        <form
          className="start-view-file"
          onSubmit={(event) => {
            event.preventDefault();
            if (file.trim() !== '') up.mutate({ file: file.trim() });
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
