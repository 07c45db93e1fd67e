import type { ReactNode } from 'react';
import type { ServiceView } from '../../../../main/contract/index.ts';
import { serviceStatus, waitSentence } from '../../../app/service-status.ts';
import { StateShape, useNow } from '../../../ui/index.ts';

/** Why a service is not well, in the engine's own sentence, and what to do. Nothing while it is. */
export function Why({ service, children }: { service: ServiceView; children?: ReactNode }) {
  const now = useNow();
  const status = serviceStatus(service);
  const wait = waitSentence(service, now);
  const sentence = service.reason ?? (wait ? `${service.id} ${wait}.` : null);
  if (!sentence) return null;
  return (
    <section className={`why why-${status.tone}`} aria-label={`Why ${status.word.toLowerCase()}`}>
      <StateShape tone={status.tone} />
      <div>
        <p>
          {sentence}
          {service.reason && wait && ` It ${wait}.`}
        </p>
        {service.remedy && <p className="muted">{service.remedy}</p>}
        {children && <div className="why-actions">{children}</div>}
      </div>
    </section>
  );
}
