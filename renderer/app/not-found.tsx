import { Link } from '@tanstack/react-router';
import { EmptyState } from '../ui/index.ts';

export function NotFound() {
  return (
    <EmptyState icon="search" title="There is no such page" text="The address may be from another version of Flotilla.">
      <Link className="button" to="/topology">
        Open the topology
      </Link>
    </EmptyState>
  );
}
