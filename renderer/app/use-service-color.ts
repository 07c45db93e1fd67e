import { useCallback, useMemo } from 'react';
import { useCalmServices } from './engine-context.tsx';
import { serviceColors, strangerColor } from './service-colors.ts';

/** The colour of a service, the same in every view. */
export function useServiceColor(): (service: string) => string {
  const names = useCalmServices()
    .map((service) => service.id)
    .join('\n');
  const colors = useMemo(() => serviceColors(names.split('\n')), [names]);
  return useCallback((service) => `var(--series-${colors.get(service) ?? strangerColor(service)})`, [colors]);
}
