import type { InstanceView } from '../../../../main/contract/index.ts';

/** Which of several instances is looked at; nothing where there is one. */
export function InstanceChoice({
  instances,
  value,
  onChange,
}: {
  instances: readonly InstanceView[];
  value: number;
  onChange: (index: number) => void;
}) {
  if (instances.length < 2) return null;
  return (
    <label className="instance-choice">
      Instance
      <select value={value} onChange={(event) => onChange(Number(event.target.value))}>
        {instances.map((instance) => (
          <option key={instance.id} value={indexOf(instance)}>
            {instance.id}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Compose's number of an instance: 2 of `orders-2`. */
export function indexOf(instance: InstanceView): number {
  return Number(/-(\d+)$/.exec(instance.id)?.[1] ?? 1);
}
