import type { ErrorComponentProps } from '@tanstack/react-router';
import { toErrorView } from '../../main/contract/index.ts';
import { ErrorNote } from '../ui/index.ts';

/** A view that broke; the frame around it goes on. */
export function ViewError({ error, reset }: ErrorComponentProps) {
  return <ErrorNote error={toErrorView(error)} onRetry={reset} />;
}
