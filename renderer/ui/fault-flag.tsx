import './fault-flag.css';
import { StateShape } from './state-shape.tsx';

/** A small violet flag: what is injected here, and for how long yet. Where it is narrow the name gives way to the time. */
export function FaultFlag({ text, title }: { text: string; title?: string }) {
  const at = text.lastIndexOf(' · ');
  return (
    <span className="fault-flag" title={title ?? text}>
      <StateShape tone="fault" label="Injected:" />
      <span className="fault-flag-name">{at < 0 ? text : text.slice(0, at)}</span>
      {at >= 0 && <span className="fault-flag-left">{text.slice(at)}</span>}
    </span>
  );
}
