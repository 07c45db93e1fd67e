import { useSelection } from '../../app/use-console-search.ts';
import { useServiceColor } from '../../app/use-service-color.ts';
import { UNKNOWN } from '../../ui/index.ts';

/** Services in their colours; a click shows one in the drawer. */
export function ServiceLinks({ services }: { services: readonly string[] }) {
  const color = useServiceColor();
  const { select } = useSelection();
  if (services.length === 0) return <span className="faint">{UNKNOWN}</span>;
  return (
    <span className="kafka-services">
      {services.map((service) => (
        <button
          key={service}
          type="button"
          tabIndex={-1}
          onClick={(event) => {
            event.stopPropagation();
            select({ kind: 'node', id: service });
          }}
        >
          <i style={{ background: color(service) }} />
          {service}
        </button>
      ))}
    </span>
  );
}
