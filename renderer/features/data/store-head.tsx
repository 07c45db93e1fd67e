import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { keepShared } from '../../app/use-console-search.ts';

/** A store's name, what it is, and its most telling numbers. */
export function StoreHead({ service, what, children }: { service: string; what: string; children: ReactNode }) {
  return (
    <header className="data-head">
      <div className="data-head-text">
        <h1>
          <Link to="/services/$serviceId" params={{ serviceId: service }} search={keepShared} title="Open the service">
            {service}
          </Link>
        </h1>
        <p className="muted">{what}</p>
      </div>
      <div className="data-facts">{children}</div>
    </header>
  );
}
