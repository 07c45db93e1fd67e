import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import './tabs.css';
import { cx } from './class-names.ts';

export interface Tab {
  readonly value: string;
  readonly label: string;
  readonly content: ReactNode;
}

/** Tabs whose chosen one the caller keeps, so that it can live in the address. Only the chosen content is mounted. */
export function Tabs({
  label,
  value,
  tabs,
  onChange,
  className,
}: {
  label: string;
  value: string;
  tabs: readonly Tab[];
  onChange: (value: string) => void;
  className?: string;
}) {
  const chosen = tabs.some((tab) => tab.value === value) ? value : (tabs[0]?.value ?? '');
  return (
    <Radix.Root className={cx('tabs', className)} value={chosen} onValueChange={onChange}>
      <Radix.List className="tabs-list" aria-label={label}>
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.value} value={tab.value} className="tabs-trigger">
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className="tabs-content">
          {tab.value === chosen && tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
