import { type Endpoint, FlotillaError, type ServiceId } from '../../../contract/index.ts';
import type { FleetModel, Healthcheck, ServiceSpec } from '../../fleet/index.ts';
import { Ports, type SavedPort } from '../ports/ports.ts';
import { type InstanceRef, instanceId, type RunContext } from '../runtime.ts';
import type { Variable } from '../variables.ts';
import { inheritedVariables, serviceVariables } from './environment.ts';
import { type LaunchPlan, launchPlan } from './launch-plan.ts';
import { ProcessLinks, portKey } from './process-links.ts';
import type { RunFolder } from './run-folder.ts';

const HOST = '127.0.0.1';
const DEFAULT_TIMES = { intervalMs: 5000, timeoutMs: 2000, retries: 3, startPeriodMs: 30_000, startIntervalMs: 250 };

/** What an instance finds around it: its program, its folder, its ports, its variables, the addresses of the others. */
export class Surroundings {
  readonly ports: Ports;
  readonly #model: FleetModel;
  readonly #context: RunContext;
  readonly #folder: RunFolder;
  readonly #links: ProcessLinks | null;

  constructor(model: FleetModel, context: RunContext, folder: RunFolder, ports: Readonly<Record<string, SavedPort>>) {
    this.#model = model;
    this.#context = context;
    this.#folder = folder;
    this.ports = new Ports(ports, context.home);
    this.#links = context.links === undefined ? null : new ProcessLinks(model, context.links, this.ports);
  }

  /** Chooses a port for everything that listens, so that every address is known before anything is started. */
  async choosePorts(): Promise<void> {
    for (const spec of this.#model.services) {
      for (let index = 1; index <= spec.replicas; index += 1) {
        for (const port of spec.ports) {
          // Two copies cannot listen on one port: the asked one is the first copy's.
          const asked = port.published && index === 1 ? port.hostPort : null;
          await this.ports.choose(portKey(`${spec.id}-${index}`, port.containerPort), asked);
        }
      }
    }
  }

  /** Puts links between the instances, whose ports are chosen. @throws FlotillaError LINKS_FAILED, LINKS_REFUSED */
  async openLinks(): Promise<void> {
    await this.#links?.open();
  }

  /** @throws FlotillaError SERVICE_UNKNOWN */
  spec(service: ServiceId): ServiceSpec {
    const spec = this.#model.services.find((one) => one.id === service);
    if (spec !== undefined) return spec;
    const known = this.#model.services.map((one) => one.id).join(', ');
    throw new FlotillaError('SERVICE_UNKNOWN', { service, known });
  }

  portKeys(ref: InstanceRef): string[] {
    const own = this.spec(ref.service).ports.map((port) => portKey(instanceId(ref), port.containerPort));
    return [...own, ...(this.#links?.portKeys(ref) ?? [])];
  }

  /** @throws FlotillaError SERVICE_NOT_RUNNABLE */
  plan(ref: InstanceRef): LaunchPlan {
    return launchPlan(this.spec(ref.service), this.#folder.dataDir(instanceId(ref)));
  }

  /** The same for a service that cannot run here, which still has an environment to look at. */
  planOrNothing(ref: InstanceRef): LaunchPlan {
    try {
      return this.plan(ref);
    } catch {
      return { words: [], cwd: this.#model.directory, own: {}, embedded: null };
    }
  }

  /** All variables that a process gets, what it inherits included. */
  environment(ref: InstanceRef, plan: LaunchPlan): Record<string, string> {
    const own = this.variables(ref, plan).map(({ name, value }) => [name, value] as const);
    return { ...inheritedVariables(), ...Object.fromEntries(own) };
  }

  /** The variables that are the service's own. */
  variables(ref: InstanceRef, plan: LaunchPlan): Variable[] {
    const spec = this.spec(ref.service);
    return serviceVariables({
      spec,
      instance: instanceId(ref),
      own: plan.own,
      embedded: plan.embedded === null ? {} : { ...plan.embedded, ...this.#links?.variables(ref) },
      ports: this.#portVariables(spec, ref, plan.embedded !== null),
      otlpHttp: this.#context.otlp.http,
      rewrite: (environment) =>
        this.#context.rewriteAddresses(spec.id, environment, (to, port) => this.address(spec.id, to, port)),
    });
  }

  #portVariables(spec: ServiceSpec, ref: InstanceRef, embedded: boolean): Record<string, string> {
    const id = instanceId(ref);
    const actual = (containerPort: number): string =>
      String(this.ports.of(portKey(id, containerPort)) ?? containerPort);
    const variables: Record<string, string> = {};
    for (const { env, containerPort } of spec.ports) if (env !== null) variables[env] = actual(containerPort);
    const [first] = spec.ports;
    if (embedded) variables.PORT = first === undefined ? '0' : actual(first.containerPort);
    return variables;
  }

  /** What a service is told when it starts it will rely on: those ports do not change any more. */
  handOutAddresses(ref: InstanceRef, plan: LaunchPlan): void {
    const spec = this.spec(ref.service);
    const given = Object.entries(spec.environment).map(([name, { value }]) => [name, value] as const);
    const environment = { ...Object.fromEntries(given), ...plan.own };
    this.#context.rewriteAddresses(spec.id, environment, (to, containerPort) => {
      if (to !== spec.id) this.ports.give(this.#addressKey(spec.id, to, containerPort));
      return null;
    });
  }

  /** Where a caller reaches a port of another: at the link in between, where there is one. */
  address(from: ServiceId, to: ServiceId, containerPort: number): string | null {
    const linked = this.#links?.address(from, to, containerPort) ?? null;
    if (linked !== null) return linked;
    const port = this.ports.of(this.#addressKey(from, to, containerPort));
    return port === null ? null : `${HOST}:${port}`;
  }

  #addressKey(from: ServiceId, to: ServiceId, containerPort: number): string {
    const index = from === to ? 1 : this.#context.pickInstance(to);
    return portKey(`${to}-${index}`, containerPort);
  }

  reach(ref: InstanceRef, port: string): { host: string; port: number } | null {
    const { ports } = this.spec(ref.service);
    const found = ports.find((one) => one.name === port) ?? ports.find((one) => String(one.containerPort) === port);
    const number = found === undefined ? null : this.ports.of(portKey(instanceId(ref), found.containerPort));
    return number === null ? null : { host: HOST, port: number };
  }

  endpoints(spec: ServiceSpec): Endpoint[] {
    const endpoints: Endpoint[] = [];
    for (let index = 1; index <= spec.replicas; index += 1) {
      for (const { name, containerPort, protocol } of spec.ports) {
        const port = this.ports.of(portKey(`${spec.id}-${index}`, containerPort));
        if (port === null) continue;
        const url = `${protocol}://${HOST}:${port}`;
        endpoints.push({ name: index === 1 ? name : `${name} (${index})`, url, protocol, containerPort });
      }
    }
    return endpoints;
  }

  /** A container's test speaks to the port that the file knows, on localhost; the process has another. */
  localPorts(ref: InstanceRef, word: string): string {
    return word.replace(/\b(localhost|127\.0\.0\.1):(\d{1,5})\b/g, (whole, host: string, port: string) => {
      const actual = this.ports.of(portKey(instanceId(ref), Number(port)));
      return actual === null ? whole : `${host}:${actual}`;
    });
  }

  healthcheck(spec: ServiceSpec): Healthcheck | null {
    const { healthcheck } = spec;
    if (healthcheck?.http || healthcheck?.tcp) return healthcheck;
    if (spec.process !== null) return healthcheck?.test ? healthcheck : null;
    // The image's own tools (pg_isready, redis-cli) are not here. What stands in for it answers once it is ready.
    const port = spec.ports[0];
    if (port === undefined) return null;
    return { ...(healthcheck ?? DEFAULT_TIMES), http: null, tcp: { port: port.name }, test: null };
  }
}
