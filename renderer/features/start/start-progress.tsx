import { useState } from 'react';
import { type FleetView, isServiceUp, type ServiceView } from '../../../main/contract/index.ts';
import { serviceStatus, waitSentence } from '../../app/service-status.ts';
import { Icon, Since, StateShape, useNow } from '../../ui/index.ts';
import { ImageList } from './image-list.tsx';
import './start.css';

/** Whether an image that the fleet needs could not be pulled or built: then nothing more happens by itself. */
export function lacksImages(fleet: FleetView): boolean {
  return fleet.images.some((image) => image.state === 'failed');
}

/** Services as they come up, with what each waits for. Those that are up make room for those that are not. */
export function StartProgress({ fleet }: { fleet: FleetView }) {
  const [open, setOpen] = useState(true);
  const now = useNow();
  const up = fleet.services.filter(isServiceUp).length;
  const order = (service: ServiceView): number => (isServiceUp(service) ? 2 : service.state === 'waiting' ? 1 : 0);
  const services = [...fleet.services].sort((a, b) => order(a) - order(b));
  return (
    <section className="start-progress" aria-label="Starting">
      <button type="button" className="start-progress-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <b>{lacksImages(fleet) ? `${fleet.name} cannot start` : `Starting ${fleet.name}`}</b>
        <span className="muted">
          {up} of {fleet.services.length} healthy
          {fleet.startedAt && (
            <>
              {' '}
              · <Since time={fleet.startedAt} />
            </>
          )}
        </span>
        <Icon name={open ? 'chevron-down' : 'chevron-right'} />
      </button>
      <div
        className="start-progress-bar"
        role="progressbar"
        aria-label="Services healthy"
        aria-valuenow={up}
        aria-valuemin={0}
        aria-valuemax={fleet.services.length}
      >
        <span style={{ width: `${(up / Math.max(1, fleet.services.length)) * 100}%` }} />
      </div>
      {open && <ImageList images={fleet.images} />}
      {open && (
        <ul>
          {services.map((service) => {
            const status = serviceStatus(service);
            return (
              <li key={service.id}>
                <StateShape tone={status.tone} />
                <span>{service.id}</span>
                <span className="muted truncate">
                  {service.reason ?? waitSentence(service, now) ?? status.word.toLowerCase()}
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
