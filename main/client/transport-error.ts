import { TRPCClientError } from '@trpc/client';
import { ErrorView, FlotillaError } from '../contract/index.ts';

interface WithView {
  data?: { view?: unknown };
}

/** What went wrong with a call, as one of the catalogue's errors: the engine's own word, or that it did not answer. */
export function toFlotillaError(thrown: unknown, url: string): FlotillaError {
  if (thrown instanceof FlotillaError) return thrown;
  if (thrown instanceof TRPCClientError) {
    const view = ErrorView.safeParse((thrown as WithView).data?.view);
    if (view.success) return FlotillaError.fromView(view.data);
    const httpStatus = (thrown.meta?.response as Response | undefined)?.status;
    if (httpStatus === 401) return new FlotillaError('UNAUTHORIZED');
  }
  const cause = thrown instanceof Error ? thrown.message : String(thrown);
  return new FlotillaError('ENGINE_UNREACHABLE', { url, cause }, { cause: thrown });
}
