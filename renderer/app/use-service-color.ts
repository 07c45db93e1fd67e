import { useCallback } from 'react';
import { useServices } from './engine-context.tsx';

const COLORS = 10;

/** Where a name that is not of the fleet falls among the colours; the same each time. */
function hash(text: string): number {
  let value = 0;
  for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return value;
}

/** The colour of a service, the same in every view: by its place in the fleet's file, so that neighbours differ. */
export function useServiceColor(): (service: string) => string {
  const services = useServices();
  return useCallback(
    (service) => {
      const at = services.findIndex((one) => one.id === service);
      // Each further round begins half a circle on: the first and the eleventh often call each other.
      const place = at < 0 ? hash(service) : at + Math.floor(at / COLORS) * (COLORS / 2);
      return `var(--series-${(place % COLORS) + 1})`;
    },
    [services],
  );
}
