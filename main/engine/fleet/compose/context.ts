import type { RuntimeKind } from '../../../contract/index.ts';
import type { Lookup } from './interpolate.ts';
import type { Warnings } from './warnings.ts';

/** What reading any part of a fleet file needs to know. */
export interface ReadContext {
  /** Absolute; relative paths in the file start here. */
  readonly directory: string;
  /** Variables of the environment, then of .env. */
  readonly lookup: Lookup;
  readonly warnings: Warnings;
  /** What the fleet is to run on: what it cannot carry over is warned of. */
  readonly runtime: RuntimeKind;
  /** The names under the top level's `volumes` and `networks`. */
  readonly volumes: ReadonlySet<string>;
  readonly networks: ReadonlySet<string>;
}
