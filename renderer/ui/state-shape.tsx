import './state-shape.css';
import { cx } from './class-names.ts';

/** What a state means, whatever it is a state of. Each has a shape of its own, so that colour is never alone. */
export type Tone = 'ok' | 'warn' | 'error' | 'idle' | 'busy' | 'fault';

const SHAPES: Record<Tone, string> = {
  ok: 'M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z',
  warn: 'M8 2.2 13.8 8 8 13.8 2.2 8z',
  error: 'M3.8 3.8h8.4v8.4H3.8z',
  idle: 'M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zm0 1.8a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4z',
  busy: 'M8 2.5A5.5 5.5 0 0 1 13.5 8h-2.1A3.4 3.4 0 0 0 8 4.6zM8 13.5A5.5 5.5 0 0 1 2.5 8h2.1A3.4 3.4 0 0 0 8 11.4z',
  fault: 'M9.2 1.5 3.4 9h3.7l-.6 5.5L12.6 7H8.8z',
};

/** Circle: well. Diamond: degraded. Square: broken. Ring: off. Broken ring: at work. Bolt: injected. */
export function StateShape({ tone, label, size = 11 }: { tone: Tone; label?: string; size?: number }) {
  const shape = <path d={SHAPES[tone]} fill="currentColor" fillRule="evenodd" />;
  const box = { className: cx('state-shape', `state-shape-${tone}`), width: size, height: size, viewBox: '0 0 16 16' };
  return label ? (
    <svg {...box} role="img" aria-label={label}>
      {shape}
    </svg>
  ) : (
    <svg {...box} aria-hidden="true">
      {shape}
    </svg>
  );
}
