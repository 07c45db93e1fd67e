import { FlotillaError } from '../../main/contract/index.ts';

const TIMES = 2;

/**
 * Whether a question is to be asked again after so many failures. Browsers break off what is under way when a network of the
 * machine comes or goes, as those of containers do; an engine that is really gone is told by the connection besides.
 */
export function shouldAskAgain(failures: number, error: unknown): boolean {
  return failures < TIMES && error instanceof FlotillaError && error.code === 'ENGINE_UNREACHABLE';
}

/** Soon: networks come and go in a moment. */
export const ASK_AGAIN_MS = 250;
