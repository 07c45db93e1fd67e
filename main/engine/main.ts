import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ApiHandlers,
  type EngineChange,
  type EngineView,
  KEEP_DATA,
  STOP_LEFTOVER,
  toErrorView,
  VERSION,
} from '../contract/index.ts';
import { type Chaos, createChaos, createExperiments, type Experiments, groundOf } from './chaos/index.ts';
import { exitStatus } from './exit-status.ts';
import { createFleet, savedOtlp } from './fleet/index.ts';
import { homePath, openHome } from './home/index.ts';
import { consumerLags, kafkaBroker, otlpPorts, topologyHandler } from './joints.ts';
import { createKafka } from './kafka/index.ts';
import { engineLog } from './log.ts';
import { MarkLog } from './mark-log.ts';
import { createPeek } from './peek/index.ts';
import { EngineProblems } from './problems.ts';
import { type RequestStop, runUntilStopped } from './run-until-stopped.ts';
import { StateHub, startServer } from './server/index.ts';
import { stopLeftover } from './stop-leftover.ts';
import { startTelemetry } from './telemetry/index.ts';

/** The engine as a program of its own: `node dist/engine/main.js`. FLOTILLA_HOME says where its state lies. */
const log = engineLog();
/** How far back a fault's preview looks for what it would touch. */
const PREVIEW_MS = 30_000;
/** How long a fleet that is to be stopped waits for an experiment to roll back. */
const ROLLBACKS_MS = 10_000;

async function start(requestStop: RequestStop): Promise<{ stop(): Promise<void> }> {
  const home = await openHome(homePath());
  const engine: EngineView = { pid: process.pid, version: VERSION, url: '', startedAt: new Date().toISOString() };

  const problems = new EngineProblems();
  const marks = await MarkLog.open(home.path, home.runId);
  const telemetry = await startTelemetry({
    home: home.path,
    runId: home.runId,
    // Services that outlived a crash go on sending to where the engine before was.
    ports: otlpPorts(savedOtlp(home.path)),
    onProblems: (found) => problems.set('telemetry', found),
  });
  const hub = new StateHub({
    engine,
    otlp: telemetry.otlp,
    links: null,
    chaos: { faults: [], isBlocked: false, experiment: null },
    fleet: null,
    marks: marks.marks,
    problems: problems.all,
  });
  let experiments: Experiments | null = null;
  const apply = (change: EngineChange): void => {
    hub.apply(change);
    if (change.kind === 'mark') marks.keep(change.mark);
    experiments?.note(change);
  };
  problems.listen((all) => apply({ kind: 'problems', problems: all }));
  let chaos: Chaos | null = null;
  const fleet = createFleet({
    home: home.path,
    otlp: telemetry.otlp,
    onChange(change) {
      apply(change);
      chaos?.observe(change);
    },
    async onEnding(runId) {
      const ended = experiments?.abort('the fleet is being stopped');
      await Promise.race([ended, delay(ROLLBACKS_MS, undefined, { ref: false })]);
      await chaos?.endRun(runId);
    },
    otlpAt: (host) => telemetry.listenAt(host),
    onLogs: (lines) => telemetry.ingestLogs(lines),
    onMetrics: (body) => void telemetry.ingestMetrics(body),
    onProblems: (found) => problems.set('fleet', found),
  });
  const kafka = createKafka({ broker: () => kafkaBroker(fleet) });

  const topology = topologyHandler(telemetry, fleet, kafka);
  chaos = createChaos({
    home: home.path,
    fleet,
    topology: async () => topology({ range: { lastMs: PREVIEW_MS } }, new AbortController().signal),
    onChange: apply,
    onStopAll: async () => experiments?.abort('everything was stopped'),
    onGivenUp: (fault) =>
      log.warn(
        { fault },
        'a fault of another version was given up: something of it may be on until the fleet starts anew',
      ),
  });
  experiments = createExperiments({
    home: home.path,
    endpoint: () => ({ url: engine.url, token: home.token }),
    fleet: () => fleet.view(),
    ground: () => groundOf(fleet),
    sources: {
      ...telemetry.handlers,
      'topology.get': topology,
      ended: telemetry.ended,
      lags: () => consumerLags(kafka),
    },
    faults: () => hub.state.chaos,
    clearFaults: async (title) => chaos?.clearExperiment(title),
    onChange: apply,
    onProblems: (found) => problems.set('experiments', found),
  });

  const handlers: ApiHandlers = {
    'engine.state': () => hub.state,
    'engine.watch': ({ afterSeq }, signal) => hub.watch(afterSeq, signal),
    'engine.stop': () => requestStop('it was asked to'),
    'topology.get': topology,
    ...telemetry.handlers,
    ...fleet.handlers,
    ...kafka.handlers,
    ...createPeek(fleet).handlers,
    ...chaos.handlers,
    ...experiments.handlers,
  };
  const server = await startServer({
    handlers,
    token: home.token,
    rendererDir: join(import.meta.dirname, '../renderer'),
    port: home.lastPort,
    onError: (error, what) => log.error({ err: error, what }, 'a call failed'),
  });
  engine.url = server.url;
  fleet.onLinksRestart(() => log.warn('links were made anew: their program had died or hung, or they lead elsewhere'));
  // Before anybody finds this engine: who asks it to stop the fleet must not be told that there is none.
  if (await fleet.adopt()) log.info('went on with the fleet that was running');
  void chaos.recover();
  experiments.recover();
  await home.announce(server.url, VERSION);
  log.info({ url: server.url, home: home.path, otlp: telemetry.otlp }, 'engine is ready');

  return {
    async stop() {
      await Promise.race([experiments?.close(), delay(ROLLBACKS_MS, undefined, { ref: false })]);
      await fleet.close({ stopFleet: true });
      chaos?.close();
      await kafka.close();
      await marks.close();
      await telemetry.close();
      await server.close();
      await home.release();
    },
  };
}

process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected and nobody looked'));

const stopsOnly = process.argv.includes(STOP_LEFTOVER);
const work = stopsOnly
  ? stopLeftover(homePath(), process.argv.includes(KEEP_DATA)).then(() => process.exit(0))
  : runUntilStopped(log, start);

work.catch((error: unknown) => {
  const view = toErrorView(error);
  log.fatal({ err: error }, view.message);
  process.stderr.write(`${view.message} ${view.remedy}\n`);
  process.exit(exitStatus(view.code));
});
