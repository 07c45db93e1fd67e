import { useNodesInitialized, useReactFlow, useStore } from '@xyflow/react';
import { type RefObject, useCallback, useEffect, useRef } from 'react';

const FIT = {
  padding: { top: '56px', bottom: '52px', left: '24px', right: '24px' },
  maxZoom: 1.25,
  minZoom: 0.1,
} as const;
/** Below this, labels on edges cannot be read and are left out. */
const LABELS_FROM_ZOOM = 0.5;

/**
 * Keeps the whole graph in sight, when a layout arrives and when the space changes, until a person pans or zooms; `fit`
 * takes it up again. Also tells the styles when it is too small for labels.
 */
export function useAutoFit(box: RefObject<HTMLElement | null>, layout: unknown): { fit: () => void; stop: () => void } {
  const flow = useReactFlow();
  const ready = useNodesInitialized();
  const small = useStore((state) => state.transform[2] < LABELS_FROM_ZOOM);
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const following = useRef(true);

  useEffect(() => {
    box.current?.classList.toggle('graph-small', small);
  }, [box, small]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new layout and a new size are the reasons to fit again
  useEffect(() => {
    if (ready && following.current && width > 0) void flow.fitView(FIT);
  }, [flow, ready, layout, width, height]);

  const fit = useCallback(() => {
    following.current = true;
    void flow.fitView({ ...FIT, duration: 200 });
  }, [flow]);
  const stop = useCallback(() => {
    following.current = false;
  }, []);
  return { fit, stop };
}
