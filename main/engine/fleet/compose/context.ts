import type { RuntimeKind } from '../../../contract/index.ts';
import type { Grantables } from './grants.ts';
import type { Lookup } from './interpolate.ts';
import type { Place } from './place.ts';
import type { Warnings } from './warnings.ts';

/** What a file of the fleet is read in: of an included file it may differ from that of the file that includes it. */
export interface Scope {
  /** Absolute; relative paths start here. */
  readonly directory: string;
  /** Variables of the environment, then of `.env`. */
  readonly lookup: Lookup;
}

/** What reading any part of a fleet file needs to know. */
export interface ReadContext {
  readonly scopeOf: (place: Place) => Scope;
  readonly warnings: Warnings;
  /** What the fleet is to run on: what it cannot carry over is warned of. */
  readonly runtime: RuntimeKind;
  /** The names under the top level's `volumes` and `networks`. */
  readonly volumes: ReadonlySet<string>;
  readonly networks: ReadonlySet<string>;
  readonly configs: Grantables;
  readonly secrets: Grantables;
}
