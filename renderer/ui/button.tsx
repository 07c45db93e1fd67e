import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import './button.css';
import { cx } from './class-names.ts';
import { Icon, type IconName } from './icon.tsx';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: 'normal' | 'primary' | 'quiet' | 'danger' | 'fault';
  icon?: IconName;
  /** At work: disabled, and `children` should say with what. */
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
  children?: ReactNode;
}

export function Button({ look = 'normal', icon, busy, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={cx('button', `button-${look}`, busy && 'button-busy', className)}
      disabled={disabled || busy}
      {...rest}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A square button with an icon alone; `label` is its name for those who do not see it, and its tooltip's text. */
export function IconButton({
  icon,
  label,
  look = 'quiet',
  className,
  ...rest
}: Omit<ButtonProps, 'children' | 'icon'> & { icon: IconName; label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cx('button', 'button-icon', `button-${look}`, className)}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
