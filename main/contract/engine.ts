import { z } from 'zod';
import { ExperimentRunView, FaultView } from './chaos.ts';
import { FleetView, InstanceUsage, ServiceView, TimelineMark } from './fleet.ts';
import { ImageProgress } from './images.ts';

export const EngineView = z.object({
  pid: z.number().int(),
  version: z.string(),
  /** Where the console and the API are: `http://127.0.0.1:PORT`. */
  url: z.string(),
  startedAt: z.string(),
});
export type EngineView = z.infer<typeof EngineView>;

/** Why something the engine offers does not work right now, such as a full disk under the store. */
export const EngineProblem = z.object({ code: z.string(), message: z.string(), remedy: z.string() });
export type EngineProblem = z.infer<typeof EngineProblem>;

/** What is broken on purpose right now. */
export const ChaosState = z.object({
  faults: z.array(FaultView),
  /** Everything was stopped: new faults are refused until somebody releases them. */
  isBlocked: z.boolean(),
  /** The experiment that runs, or ran last since the engine started. */
  experiment: ExperimentRunView.nullable(),
});
export type ChaosState = z.infer<typeof ChaosState>;

/** The engine and its fleet, whole: what `flotilla status` shows, and the snapshot of `engine.watch`. */
export const EngineState = z.object({
  engine: EngineView,
  otlp: z.object({ http: z.string(), grpc: z.string() }),
  /** The control API of the fleet's links, which Toxiproxy's clients speak too; null while there are none. */
  links: z.object({ url: z.string() }).nullable(),
  chaos: ChaosState,
  fleet: FleetView.nullable(),
  marks: z.array(TimelineMark),
  problems: z.array(EngineProblem),
});
export type EngineState = z.infer<typeof EngineState>;

/** A change to an EngineState, small: what is named replaces what was there. */
export const EngineChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('service'), service: ServiceView }),
  /** The fleet's own fields; null when there is no fleet any more. Its services and images stay as they were. */
  z.object({ kind: z.literal('fleet'), fleet: FleetView.omit({ services: true, images: true }).nullable() }),
  /** How an image comes to be that the fleet needs; at most five a second for each. */
  z.object({ kind: z.literal('image'), image: ImageProgress }),
  z.object({
    kind: z.literal('stats'),
    stats: z.array(z.object({ service: z.string(), instance: z.string(), ...InstanceUsage.shape })),
  }),
  z.object({ kind: z.literal('mark'), mark: TimelineMark }),
  z.object({ kind: z.literal('links'), links: z.object({ url: z.string() }).nullable() }),
  /** All faults that are on, and whether new ones are refused. */
  z.object({ kind: z.literal('faults'), faults: z.array(FaultView), isBlocked: z.boolean() }),
  z.object({ kind: z.literal('experiment'), experiment: ExperimentRunView.nullable() }),
  z.object({ kind: z.literal('problems'), problems: z.array(EngineProblem) }),
]);
export type EngineChange = z.infer<typeof EngineChange>;

/**
 * What `engine.watch` yields: a snapshot, then numbered changes. `seq` of a change is one more than that of what came
 * before it; a client that reconnects gives the last that it saw and gets the changes after it, or a snapshot.
 */
export const EngineEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), seq: z.number().int(), state: EngineState }),
  z.object({ kind: z.literal('change'), seq: z.number().int(), change: EngineChange }),
]);
export type EngineEvent = z.infer<typeof EngineEvent>;
