import { FlotillaError } from '../../main/contract/index.ts';
import { toastError } from './toasts.ts';

/** Puts text on the clipboard; gives whether it is there. A browser that refuses is told of, with what to do instead. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    toastError(
      new FlotillaError('CLIPBOARD_REFUSED', { cause: error instanceof Error ? error.message : String(error) }),
    );
    return false;
  }
}
