/** As a `ref`: the element has the focus once it is there, so that what was opened to type in can be typed in. */
export const focusOn = (element: HTMLElement | null): void => element?.focus({ preventScroll: true });
