import { type FleetView, isServiceUp } from '../../main/contract/index.ts';
import { Button } from '../ui/index.ts';
import { useAct } from './use-call.ts';

/** Starts or stops the fleet, and shows how far that is. */
export function FleetButton({ fleet }: { fleet: FleetView | null }) {
  const up = useAct('fleet.up');
  const down = useAct('fleet.down', () => 'The fleet is stopped. Nothing of it is left running.');
  const detach = useAct('fleet.down', () => 'Detached. Nothing of it was stopped; all of it runs as before.');
  if (fleet?.attached) {
    return (
      <Button
        look="quiet"
        icon="stop"
        busy={detach.isPending}
        onClick={() => detach.mutate({})}
        title="Lets go of the fleet and stops nothing of it"
      >
        {detach.isPending ? 'Detaching …' : 'Detach'}
      </Button>
    );
  }
  const again = fleet ? { file: fleet.file, runtime: fleet.runtime } : {};
  if (!fleet || fleet.state === 'stopped') {
    return (
      <Button look="primary" icon="play" busy={up.isPending} onClick={() => up.mutate(again)}>
        {fleet ? `Start ${fleet.name}` : 'Start the shop'}
      </Button>
    );
  }
  if (fleet.state === 'stopping') return <Button busy>Stopping …</Button>;
  const done = fleet.services.filter(isServiceUp).length;
  return (
    <Button
      look="quiet"
      icon="stop"
      busy={down.isPending}
      onClick={() => down.mutate({})}
      title="Stops every service of the fleet and leaves nothing behind"
    >
      {down.isPending
        ? 'Stopping …'
        : fleet.state === 'starting'
          ? `Cancel start (${done}/${fleet.services.length})`
          : 'Stop fleet'}
    </Button>
  );
}
