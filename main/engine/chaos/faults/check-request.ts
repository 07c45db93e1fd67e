import {
  type FaultKind,
  type FaultParameterSpec,
  type FaultParameters,
  type FaultTarget,
  FlotillaError,
  type RuntimeKind,
} from '../../../contract/index.ts';

/** What the fleet has that faults can be put on. */
export interface FaultGround {
  readonly runtime: RuntimeKind;
  /** Edges that a link stands in. */
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly port: number;
    /** `http`, `grpc`, `postgres` and the like; `tcp` where it is not known. */
    readonly protocol: string;
  }[];
  readonly services: readonly {
    readonly id: string;
    /** The numbers of its copies. */
    readonly copies: readonly number[];
    /** `postgres`, `kafka`, `redis`, or null for what is none of them. */
    readonly store: 'postgres' | 'kafka' | 'redis' | null;
  }[];
}

interface Request {
  readonly kind: string;
  readonly target: FaultTarget;
  readonly parameters: FaultParameters;
}

/**
 * What a request asks for, with defaults filled in.
 * @throws FlotillaError FAULT_UNKNOWN, FAULT_TARGET, FAULT_PARAMETER, FAULT_IMPOSSIBLE, each with what is possible
 */
export function checkRequest(
  request: Request,
  ground: FaultGround,
  catalogue: readonly FaultKind[],
): { readonly kind: FaultKind; readonly parameters: FaultParameters } {
  const kind = catalogue.find((one) => one.kind === request.kind);
  if (kind === undefined) {
    throw new FlotillaError('FAULT_UNKNOWN', {
      kind: request.kind,
      known: catalogue.map((one) => one.kind).join(', '),
    });
  }
  const reason = kind.runtimes[ground.runtime];
  if (reason !== null)
    throw new FlotillaError('FAULT_IMPOSSIBLE', { kind: kind.kind, runtime: ground.runtime, reason });
  checkTarget(kind, request.target, ground);
  return { kind, parameters: checkParameters(kind, request.parameters) };
}

/** The error for a target that a fault cannot be put on, with those that it can. */
function wrongTarget(kind: FaultKind, detail: string, possible: readonly string[]): FlotillaError {
  const list = possible.length === 0 ? 'nothing in this fleet' : [...new Set(possible)].join(', ');
  return new FlotillaError('FAULT_TARGET', { kind: kind.kind, detail, possible: list });
}

function checkTarget(kind: FaultKind, target: FaultTarget, ground: FaultGround): void {
  if (kind.scope === 'edge') checkEdge(kind, target, ground);
  else checkService(kind, target, ground);
}

function checkEdge(kind: FaultKind, target: FaultTarget, { edges }: FaultGround): void {
  const all = edges.map((edge) => `${edge.from}->${edge.to}`);
  if (target.kind !== 'edge') throw wrongTarget(kind, `${target.service} is no edge`, all);
  const { from, to, port } = target;
  const same = edges.filter((edge) => edge.from === from && edge.to === to);
  if (same.length === 0) throw wrongTarget(kind, `there is no edge ${from}->${to} that a link stands in`, all);
  const meant = same.filter((edge) => port === undefined || edge.port === port);
  if (meant.length === 0) {
    const ports = same.map((edge) => `${from}->${to}:${edge.port}`);
    throw wrongTarget(kind, `the edge ${from}->${to} has no port ${port}`, ports);
  }
  if (!isOfRequests(kind) || meant.some(mayBeHttp)) return;
  const possible = edges.filter(mayBeHttp).map((edge) => `${edge.from}->${edge.to}`);
  throw wrongTarget(kind, `the calls ${from}->${to} speak ${meant[0]?.protocol}, not HTTP`, possible);
}

/** Faults on single requests find none in what is known to speak something else. */
const isOfRequests = ({ kind }: FaultKind): boolean => kind.startsWith('http-');
const mayBeHttp = ({ protocol }: FaultGround['edges'][number]): boolean => ['http', 'grpc', 'tcp'].includes(protocol);

function checkService(kind: FaultKind, target: FaultTarget, { services }: FaultGround): void {
  const fits = services.filter((one) => kind.scope === 'service' || one.store === kind.scope);
  const all = fits.map((one) => one.id);
  if (target.kind !== 'service') throw wrongTarget(kind, `${target.from}->${target.to} is no service`, all);
  const service = fits.find((one) => one.id === target.service);
  if (service === undefined) throw wrongTarget(kind, `it cannot be put on ${target.service}`, all);
  if (target.instance === undefined || service.copies.includes(target.instance)) return;
  const copies = service.copies.map((copy) => `${service.id}-${copy}`);
  throw wrongTarget(kind, `${service.id} has no copy ${target.instance}`, copies);
}

function checkParameters(kind: FaultKind, given: FaultParameters): FaultParameters {
  const known = new Map(kind.parameters.map((one) => [one.name, one]));
  for (const name of Object.keys(given)) {
    if (known.has(name)) continue;
    const expected = known.size === 0 ? 'none: it has no parameters' : [...known.keys()].join(', ');
    throw new FlotillaError('FAULT_PARAMETER', { kind: kind.kind, detail: `it has no parameter ${name}`, expected });
  }
  return Object.fromEntries(
    kind.parameters.map((spec) => [spec.name, checkParameter(kind.kind, spec, given[spec.name])]),
  );
}

function checkParameter(kind: string, spec: FaultParameterSpec, given: string | number | undefined): string | number {
  const value = given ?? spec.default;
  const expected = expectation(spec);
  const refuse = (detail: string): never => {
    throw new FlotillaError('FAULT_PARAMETER', { kind, detail, expected });
  };
  if (value === null) return refuse(`${spec.name} is missing`);
  if (spec.type === 'text') {
    const isBlank = spec.default === null && String(value).trim() === '';
    return isBlank ? refuse(`${spec.name} is empty`) : String(value);
  }
  if (spec.type === 'choice')
    return spec.choices.includes(String(value)) ? String(value) : refuse(`${spec.name} is ${value}`);
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  const fits =
    Number.isFinite(number) &&
    (spec.type !== 'integer' || Number.isInteger(number)) &&
    number >= (spec.min ?? Number.NEGATIVE_INFINITY) &&
    number <= (spec.max ?? Number.POSITIVE_INFINITY);
  return fits ? number : refuse(`${spec.name} is ${value}`);
}

function expectation(spec: FaultParameterSpec): string {
  if (spec.type === 'choice') return spec.choices.join(' or ');
  if (spec.type === 'text') return 'text';
  const what = spec.type === 'integer' ? 'a whole number' : 'a number';
  return `${what} from ${spec.min} to ${spec.max}${spec.unit === null ? '' : ` ${spec.unit}`}`;
}
