import { ContextMenu, DropdownMenu } from 'radix-ui';
import { Fragment, type ReactElement } from 'react';
import './menu.css';
import { cx } from './class-names.ts';
import { Icon, type IconName } from './icon.tsx';
import { KeyHint } from './key-hint.tsx';

export interface MenuItem {
  readonly label: string;
  readonly icon?: IconName;
  readonly keys?: string;
  readonly danger?: boolean;
  /** Why it cannot be chosen now; shown with it. */
  readonly disabledReason?: string;
  readonly onSelect: () => void;
}
export type MenuGroups = readonly (readonly MenuItem[])[];

type Parts = Pick<typeof DropdownMenu, 'Item' | 'Separator'>;

function Items({ groups, parts }: { groups: MenuGroups; parts: Parts }) {
  return groups
    .filter((group) => group.length > 0)
    .map((group, index) => (
      <Fragment key={group[0]?.label}>
        {index > 0 && <parts.Separator className="menu-separator" />}
        {group.map((item) => (
          <parts.Item
            key={item.label}
            className={cx('menu-item', item.danger && 'menu-item-danger')}
            disabled={item.disabledReason !== undefined}
            onSelect={item.onSelect}
          >
            {item.icon && <Icon name={item.icon} />}
            <span className="menu-label">
              {item.label}
              {item.disabledReason && <small>{item.disabledReason}</small>}
            </span>
            {item.keys && <KeyHint keys={item.keys} />}
          </parts.Item>
        ))}
      </Fragment>
    ));
}

/** A menu that opens from its trigger: a button. */
export function Menu({
  trigger,
  groups,
  align = 'end',
}: {
  trigger: ReactElement;
  groups: MenuGroups;
  align?: 'start' | 'end';
}) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align={align} sideOffset={4} collisionPadding={8}>
          <Items groups={groups} parts={DropdownMenu} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** A menu on the right button (and the menu key) over its child. `groups` is asked when it opens. */
export function RightClickMenu({
  groups,
  children,
  onOpenChange,
}: {
  groups: MenuGroups;
  children: ReactElement;
  onOpenChange?: (open: boolean) => void;
}) {
  return (
    <ContextMenu.Root {...(onOpenChange ? { onOpenChange } : {})}>
      <ContextMenu.Trigger asChild>{children}</ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content className="menu" collisionPadding={8}>
          <Items groups={groups} parts={ContextMenu} />
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}
