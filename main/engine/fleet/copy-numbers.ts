import type { ServiceSpec } from './model.ts';

/** The numbers of a service's copies: 1 and on, or, where it runs without us, those that its containers have. */
export function copyNumbers({ replicas, attached }: Pick<ServiceSpec, 'replicas' | 'attached'>): readonly number[] {
  return attached?.copies ?? Array.from({ length: replicas }, (_, n) => n + 1);
}
