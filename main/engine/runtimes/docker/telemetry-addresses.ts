import type { ServiceSpec } from '../../fleet/index.ts';
import type { RunContext } from '../runtime.ts';
import type { Attachment } from './container-create.ts';

const BY_NAME = 'host.docker.internal';

interface Otlp {
  readonly http: string;
  readonly grpc: string;
}

/** Where containers reach the receivers of this machine. */
export class TelemetryAddresses {
  readonly #context: RunContext;
  readonly #local: boolean;
  readonly #byNetwork = new Map<string, Otlp>();

  constructor(context: RunContext, local: boolean) {
    this.#context = context;
    this.#local = local;
  }

  /** Listens at the gateways of these networks, where they are addresses of this machine. */
  async listen(gateways: ReadonlyMap<string, string>): Promise<void> {
    if (!this.#local) return;
    for (const [network, gateway] of gateways) {
      const at = await this.#context.otlpAt?.(gateway);
      if (at) this.#byNetwork.set(network, at);
    }
  }

  /** As a container in these networks reaches them, and the names that it has to know for that. */
  of(spec: ServiceSpec, attachments: readonly Attachment[]): { otlp: Otlp | null; extraHosts: string[] } {
    const mode = spec.container.networkMode;
    if (mode?.kind === 'other' && mode.mode === 'host' && this.#local) {
      return { otlp: this.#context.otlp, extraHosts: [] };
    }
    if (mode?.kind === 'other' && mode.mode === 'none') return { otlp: null, extraHosts: [] };
    const found = attachments.flatMap(({ network }) => this.#byNetwork.get(network) ?? [])[0];
    if (found !== undefined) return { otlp: found, extraHosts: [] };
    const byName = (url: string): string => url.replace('127.0.0.1', BY_NAME);
    const { http, grpc } = this.#context.otlp;
    // Engines in a machine of their own know the name; others are told what it means.
    const known = mode !== null || spec.extraHosts.some((one) => one.startsWith(`${BY_NAME}:`));
    return {
      otlp: { http: byName(http), grpc: byName(grpc) },
      extraHosts: known || !this.#local ? [] : [`${BY_NAME}:host-gateway`],
    };
  }
}
