import type { FaultView, TimelineMark } from '../../contract/index.ts';
import { catalogue } from './catalogue/index.ts';

/** The mark of a fault on the timeline. `untilMs` is when it ended, for a moment (a kill) when it was done; null while it is on. */
export function faultMark(fault: FaultView, untilMs: number | null): TimelineMark {
  const { target } = fault;
  const title = catalogue.find((one) => one.kind === fault.kind)?.title ?? fault.kind;
  const atMs = Date.parse(fault.since);
  const place = target.kind === 'edge' ? `${target.from} → ${target.to}` : target.service;
  const service = target.kind === 'edge' ? null : (target.service as TimelineMark['service']);
  return { id: `fault-${fault.id}`, kind: 'fault', atMs, untilMs, service, text: `${title} on ${place}` };
}
