import type { Selection } from '../../app/url-state.ts';

export function Drawer({ selection }: { selection: Selection }) {
  return <aside className="drawer">{JSON.stringify(selection)}</aside>;
}
