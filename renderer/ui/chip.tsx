import type { HTMLAttributes, ReactNode, Ref } from 'react';
import './chip.css';
import { cx } from './class-names.ts';
import { StateShape, type Tone } from './state-shape.tsx';

/** A small fact in a rounded box; with a tone it starts with that state's shape. */
export function Chip({
  tone,
  className,
  children,
  ...rest
}: HTMLAttributes<HTMLSpanElement> & { tone?: Tone; children: ReactNode; ref?: Ref<HTMLSpanElement> }) {
  return (
    <span className={cx('chip', className)} {...rest}>
      {tone && <StateShape tone={tone} />}
      {children}
    </span>
  );
}

/** A state as its shape and its word. */
export function StateLabel({ tone, word }: { tone: Tone; word: string }) {
  return (
    <span className="state-label">
      <StateShape tone={tone} />
      <span className={cx(tone !== 'ok' && `tone-${tone}`)}>{word}</span>
    </span>
  );
}
