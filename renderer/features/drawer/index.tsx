import type { Selection } from '../../app/url-state.ts';
import { EdgeDrawer } from './edge-drawer.tsx';
import { NodeDrawer } from './node-drawer.tsx';

/** What is selected, beside every view. */
export function Drawer({ selection }: { selection: Selection }) {
  return selection.kind === 'node' ? (
    <NodeDrawer key={selection.id} id={selection.id} />
  ) : (
    <EdgeDrawer key={`${selection.from}~${selection.to}`} from={selection.from} to={selection.to} />
  );
}
