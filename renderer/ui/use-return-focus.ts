import { useRef } from 'react';

/**
 * Gives the focus back to where it was when something opened over the page. Radix does so by itself only for what a trigger of
 * its own has opened; the handlers go on its content.
 */
export function useReturnFocus(): { onOpenAutoFocus: () => void; onCloseAutoFocus: (event: Event) => void } {
  const before = useRef<Element | null>(null);
  return {
    onOpenAutoFocus() {
      before.current = document.activeElement;
    },
    onCloseAutoFocus(event) {
      event.preventDefault();
      // What opened it may be gone, as the item of a menu is: then the keys go on in the view.
      const target = before.current?.isConnected ? before.current : document.querySelector('main');
      if (target instanceof HTMLElement) target.focus();
    },
  };
}
