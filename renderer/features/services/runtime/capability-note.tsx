import type { ReactNode } from 'react';
import type { Capability } from '../../../../main/contract/index.ts';
import { useFleet } from '../../../app/engine-context.tsx';
import { EmptyState, type IconName } from '../../../ui/index.ts';

/** Its children where the fleet's runtime can do something, else why it cannot. */
export function IfCapable({
  name,
  icon,
  title,
  children,
}: {
  name: Capability['name'];
  icon: IconName;
  title: string;
  children: ReactNode;
}) {
  const capability = useFleet()?.capabilities.find((one) => one.name === name);
  if (capability?.available) return children;
  return <EmptyState icon={icon} title={title} text={capability?.reason ?? 'This runtime does not offer it.'} />;
}
