import { type PointerEvent, useState } from 'react';

/** Two places along the x axis of an element, in pixels, in the order in which they were dragged over. */
export interface DragRange {
  readonly from: number;
  readonly to: number;
}

/** A drag that is shorter is a click. */
const LEAST_PX = 4;

/**
 * A stretch that is dragged out over an element, and where the pointer is over it (null beside it). `handlers` belong on the
 * element; `onRange` gets both ends in order, which are the same after a click.
 */
export function useDragRange(width: number, onRange: (from: number, to: number) => void) {
  const [drag, setDrag] = useState<DragRange | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const xIn = (event: PointerEvent): number => event.clientX - event.currentTarget.getBoundingClientRect().left;
  const handlers = {
    onPointerDown(event: PointerEvent) {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setDrag({ from: xIn(event), to: xIn(event) });
    },
    onPointerMove(event: PointerEvent) {
      const x = xIn(event);
      setHover(x);
      setDrag((before) => before && { from: before.from, to: Math.min(width, Math.max(0, x)) });
    },
    onPointerUp() {
      if (drag) {
        const [low, high] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
        onRange(low, high - low >= LEAST_PX ? high : low);
      }
      setDrag(null);
    },
    onPointerCancel: () => setDrag(null),
    onPointerLeave: () => setHover(null),
  };
  return { drag, hover, handlers };
}
