import type { Capability, RuntimeKind } from '../../contract/index.ts';
import type { FleetRun } from '../runtimes/index.ts';
import type { FleetModel } from './model.ts';
import type { Supervisor } from './supervisor.ts';

/** A fleet's run from inside: what faults act on. */
export interface RunningFleet {
  readonly runId: string;
  readonly runtime: RuntimeKind;
  readonly capabilities: readonly Capability[];
  readonly model: FleetModel;
  readonly run: FleetRun;
  readonly supervisor: Pick<Supervisor, 'disturb' | 'lives' | 'pickInstance'>;
  /** It is being stopped as a whole, or let go of. */
  readonly isEnding: boolean;
}
