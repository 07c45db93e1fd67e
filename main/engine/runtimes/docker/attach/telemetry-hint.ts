import type { Attachment } from '../../../../contract/index.ts';
import type { FleetModel } from '../../../fleet/index.ts';
import type { RunContext } from '../../runtime.ts';
import type { RunEngine } from '../containers.ts';
import { isMissing } from '../docker-errors.ts';
import { gatewayOf } from '../project.ts';

/** As engines in a machine of their own know the one that people sit at. */
const BY_NAME = 'host.docker.internal';

/** Where containers that we did not make can send their telemetry: what has to be told to whoever made them. */
export class TelemetryHint {
  readonly #engine: RunEngine;
  readonly #context: RunContext;
  /** By network. */
  readonly #gateways: Map<string, string>;
  #heardAt: string | null = null;
  #sharesHost = false;

  constructor(engine: RunEngine, context: RunContext, gateways: Readonly<Record<string, string>>) {
    this.#engine = engine;
    this.#context = context;
    this.#gateways = new Map(Object.entries(gateways));
  }

  gateways(): Record<string, string> {
    return Object.fromEntries(this.#gateways);
  }

  /** Receives again where an engine before this one has received. */
  async listenAgain(): Promise<void> {
    for (const gateway of this.#gateways.values()) await this.#listen(gateway);
  }

  /** Finds the networks of a fleet, and receives at one that this machine has an address in. */
  async look({ services }: FleetModel): Promise<void> {
    const networks = new Set(services.flatMap((one) => Object.keys(one.networks)));
    this.#sharesHost = networks.has('host');
    if (!this.#engine.local) return;
    const stale = [...this.#gateways.keys()].filter((name) => !networks.has(name));
    for (const name of stale) this.#gateways.delete(name);
    this.#heardAt = null;
    for (const name of networks) {
      const gateway = await this.#gatewayOf(name);
      if (gateway === null) continue;
      this.#gateways.set(name, gateway);
      await this.#listen(gateway);
    }
  }

  hint(): Pick<Attachment, 'environment' | 'reason'> {
    const endpoint = this.#endpoint();
    if (endpoint === null) {
      const reason = this.#engine.remote
        ? 'Its containers are on another machine, which does not reach the receivers of this one.'
        : 'Its containers are in no network in which they reach this machine.';
      return { environment: [], reason };
    }
    return {
      environment: [
        { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: endpoint },
        { name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value: 'http/protobuf' },
      ],
      reason: null,
    };
  }

  #endpoint(): string | null {
    const { http } = this.#context.otlp;
    if (this.#engine.remote) return null;
    if (!this.#engine.local) return http.replace('127.0.0.1', BY_NAME);
    // From whichever network: addresses of this machine's bridges are reached from all of them.
    return this.#heardAt ?? (this.#sharesHost ? http : null);
  }

  async #listen(gateway: string): Promise<void> {
    const at = await this.#context.otlpAt?.(gateway);
    this.#heardAt ??= at?.http ?? null;
  }

  async #gatewayOf(network: string): Promise<string | null> {
    try {
      return gatewayOf(await this.#engine.docker.getNetwork(network).inspect());
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }
}
