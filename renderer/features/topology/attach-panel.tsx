import { useState } from 'react';
import type { FleetView } from '../../../main/contract/index.ts';
import { AttachNote } from '../../app/attach-note.tsx';
import { Icon } from '../../ui/index.ts';

/** Beside a topology that no span has shown yet: why its edges say nothing, and what changes that. */
export function AttachPanel({ fleet }: { fleet: FleetView }) {
  const [open, setOpen] = useState(true);
  if (!fleet.attached) return null;
  return (
    <section className="attach-panel" aria-label="No traces yet">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <b>No traces of {fleet.name} yet</b>
        <Icon name={open ? 'chevron-down' : 'chevron-right'} />
      </button>
      {open && (
        <div>
          <p className="muted">Edges are told from addresses in environments and from depends_on.</p>
          <AttachNote attached={fleet.attached} />
        </div>
      )}
    </section>
  );
}
