import { useReactFlow } from '@xyflow/react';
import { IconButton } from '../../ui/index.ts';

/** Zoom, fit, tidy: at the bottom right of the canvas. */
export function CanvasTools({ onFit, onTidy }: { onFit: () => void; onTidy: () => void }) {
  const flow = useReactFlow();
  return (
    <div className="canvas-tools">
      <IconButton icon="plus" label="Zoom in" onClick={() => void flow.zoomIn({ duration: 150 })} />
      <IconButton icon="minus" label="Zoom out" onClick={() => void flow.zoomOut({ duration: 150 })} />
      <IconButton icon="fit" label="Show everything" onClick={onFit} />
      <IconButton icon="tidy" label="Lay out anew, forget what was moved" onClick={onTidy} />
    </div>
  );
}
