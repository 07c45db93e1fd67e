import { DropdownMenu } from 'radix-ui';
import { Fragment, type ReactElement } from 'react';
import './check-menu.css';
import './menu.css';
import { Icon } from './icon.tsx';

export interface CheckItem {
  readonly label: string;
  readonly checked: boolean;
  /** A colour beside it, as CSS. */
  readonly color?: string;
  readonly onChange: (checked: boolean) => void;
}
export interface CheckGroup {
  readonly title?: string;
  readonly items: readonly CheckItem[];
}

/** A menu of things to switch on and off; it stays open while they are. */
export function CheckMenu({ trigger, groups }: { trigger: ReactElement; groups: readonly CheckGroup[] }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu check-menu" align="start" sideOffset={4} collisionPadding={8}>
          {groups.map((group, index) => (
            <Fragment key={group.title ?? group.items[0]?.label ?? index}>
              {index > 0 && <DropdownMenu.Separator className="menu-separator" />}
              {group.title && <DropdownMenu.Label className="check-menu-title">{group.title}</DropdownMenu.Label>}
              {group.items.map((item) => (
                <DropdownMenu.CheckboxItem
                  key={item.label}
                  className="menu-item"
                  checked={item.checked}
                  onCheckedChange={item.onChange}
                  onSelect={(event) => event.preventDefault()}
                >
                  <DropdownMenu.ItemIndicator className="check-menu-mark">
                    <Icon name="check" />
                  </DropdownMenu.ItemIndicator>
                  {item.color && <i className="check-menu-color" style={{ background: item.color }} />}
                  <span className="menu-label">{item.label}</span>
                </DropdownMenu.CheckboxItem>
              ))}
            </Fragment>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
