import { useMemo } from 'react';
import type { FaultKind, FaultTarget } from '../../../main/contract/index.ts';
import { useCalmServices } from '../../app/engine-context.tsx';
import { callsOf } from '../../app/faults.ts';
import { parseSelection } from '../../app/url-state.ts';
import { useCall } from '../../app/use-call.ts';
import { useTopology } from '../topology/index.tsx';

export interface TargetChoice {
  /** As in the address: `orders~payments`, `orders`. */
  readonly value: string;
  readonly label: string;
  readonly target: FaultTarget;
  readonly copies: number;
}

/** What the address says a fault is to be put on. */
export function parseTarget(text: string | undefined): FaultTarget | null {
  const selection = parseSelection(text);
  if (!selection) return null;
  return selection.kind === 'edge'
    ? { kind: 'edge', from: selection.from, to: selection.to }
    : { kind: 'service', service: selection.id };
}

/** What of this fleet a kind of fault can be put on; null until it is known. */
export function useTargets(kind: FaultKind): readonly TargetChoice[] | null {
  const services = useCalmServices();
  const { data: topology } = useTopology();
  const { data: stores } = useCall('peek.targets', undefined, { enabled: kind.scope !== 'edge' });
  return useMemo(() => {
    if (kind.scope === 'edge') {
      if (!topology) return null;
      return callsOf(topology).map(({ from, to }) => ({
        value: `${from}~${to}`,
        label: `${from} → ${to}`,
        target: { kind: 'edge', from, to },
        copies: 1,
      }));
    }
    if (kind.scope !== 'service' && kind.scope !== 'kafka' && !stores) return null;
    const fits = services.filter(
      (service) =>
        kind.scope === 'service' ||
        (kind.scope === 'kafka'
          ? service.kind === 'broker' && !stores?.some((one) => one.service === service.id)
          : stores?.some((one) => one.service === service.id && one.kind === kind.scope)),
    );
    return fits.map((service) => ({
      value: service.id,
      label: service.id,
      target: { kind: 'service', service: service.id },
      copies: service.instances.length,
    }));
  }, [kind.scope, topology, services, stores]);
}
