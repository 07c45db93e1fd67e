import './fault-flag.css';
import { StateShape } from './state-shape.tsx';

/** A small violet flag: what is injected here, and for how long yet. */
export function FaultFlag({ text, title }: { text: string; title?: string }) {
  return (
    <span className="fault-flag" title={title}>
      <StateShape tone="fault" label="Injected:" />
      {text}
    </span>
  );
}
