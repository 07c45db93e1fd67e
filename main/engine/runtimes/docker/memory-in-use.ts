import { FlotillaError } from '../../../contract/index.ts';
import { engineWords } from './docker-errors.ts';

const MB = 1e6;
/** What is left above that for a service to go on for a while. */
const ROOM = 1.1;

/**
 * What a refused memory limit means, by the words of the OCI runtime below the engine: runc tells what is in use
 * (`current usage: 71303168`, `< usage 71303168`), the kernel alone only that it is busy. Null: it was refused for something else.
 */
export function memoryInUse(error: unknown, instance: string, limitBytes: number): FlotillaError | null {
  const words = engineWords(error);
  const told = /(?:current|<) usage:? (\d+)/i.exec(words)?.[1];
  if (told === undefined && !/memory.*device or resource busy/i.test(words)) return null;
  const usedMb = told === undefined ? null : Number(told) / MB;
  const limit = Math.round(limitBytes / MB);
  return new FlotillaError(
    'MEMORY_IN_USE',
    {
      instance,
      limit,
      used: usedMb === null ? 'more' : `${Math.round(usedMb)} MB`,
      enough: usedMb === null ? limit * 2 : Math.ceil(usedMb * ROOM),
    },
    { cause: error },
  );
}
