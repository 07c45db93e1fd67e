import {
  type FaultKind,
  type FaultParameterSpec,
  type FaultParameters,
  type FaultTarget,
  FlotillaError,
  isOnRequests,
  maySpeakHttp,
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
  const wrong = targetProblem(kind, request.target, ground);
  if (wrong !== null) {
    const possible = wrong.possible.length === 0 ? 'nothing in this fleet' : wrong.possible.join(', ');
    throw new FlotillaError('FAULT_TARGET', { kind: kind.kind, detail: wrong.detail, possible });
  }
  const few = copiesProblem(request, ground);
  const [first] = [...parameterProblems(kind, request.parameters), ...(few === null ? [] : [few])];
  if (first !== undefined) {
    const { detail, expected } = first;
    throw new FlotillaError('FAULT_PARAMETER', { kind: kind.kind, detail, expected });
  }
  return { kind, parameters: filledIn(kind, request.parameters) };
}

/** Why a fault cannot be put on a target, as a clause, and all that it can be put on. */
export interface TargetProblem {
  readonly detail: string;
  readonly possible: readonly string[];
}

/** What keeps a fault off a target in this fleet; null when nothing does. */
export function targetProblem(kind: FaultKind, target: FaultTarget, ground: FaultGround): TargetProblem | null {
  const found = kind.scope === 'edge' ? edgeProblem(kind, target, ground) : serviceProblem(kind, target, ground);
  return found && { ...found, possible: [...new Set(found.possible)] };
}

function edgeProblem(kind: FaultKind, target: FaultTarget, { edges }: FaultGround): TargetProblem | null {
  const possible = edges.map((edge) => `${edge.from}->${edge.to}`);
  if (target.kind !== 'edge') return { detail: `${target.service} is no edge`, possible };
  const { from, to, port } = target;
  const same = edges.filter((edge) => edge.from === from && edge.to === to);
  if (same.length === 0) return { detail: `there is no edge ${from}->${to} that a link stands in`, possible };
  const meant = same.filter((edge) => port === undefined || edge.port === port);
  if (meant.length === 0) {
    const ports = same.map((edge) => `${from}->${to}:${edge.port}`);
    return { detail: `the edge ${from}->${to} has no port ${port}`, possible: ports };
  }
  // Faults on single requests find none in what is known to speak something else.
  if (!isOnRequests(kind) || meant.some(maySpeakHttp)) return null;
  return {
    detail: `the calls ${from}->${to} speak ${meant[0]?.protocol}, not HTTP`,
    possible: edges.filter(maySpeakHttp).map((edge) => `${edge.from}->${edge.to}`),
  };
}

function serviceProblem(kind: FaultKind, target: FaultTarget, { services }: FaultGround): TargetProblem | null {
  const fits = services.filter((one) => kind.scope === 'service' || one.store === kind.scope);
  const possible = fits.map((one) => one.id);
  if (target.kind !== 'service') return { detail: `${target.from}->${target.to} is no service`, possible };
  const service = fits.find((one) => one.id === target.service);
  if (service === undefined) return { detail: `it cannot be put on ${target.service}`, possible };
  if (target.instance === undefined || service.copies.includes(target.instance)) return null;
  const copies = service.copies.map((copy) => `${service.id}-${copy}`);
  return { detail: `${service.id} has no copy ${target.instance}`, possible: copies };
}

/** What is wrong with one parameter, as a clause, and what may stand there instead. */
export interface ParameterProblem {
  readonly name: string;
  readonly detail: string;
  readonly expected: string;
}

/** All that is wrong with the parameters that were given, and those that are missing; no fleet is needed to tell. */
export function parameterProblems(kind: FaultKind, given: FaultParameters): ParameterProblem[] {
  const known = kind.parameters.map((one) => one.name);
  const expected = known.length === 0 ? 'none: it has no parameters' : known.join(', ');
  const unknown = Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => ({ name, detail: `it has no parameter ${name}`, expected }));
  const wrong = kind.parameters.flatMap((spec) => {
    const detail = parameterDetail(spec, given[spec.name] ?? spec.default);
    return detail === null ? [] : [{ name: spec.name, detail, expected: expectation(spec) }];
  });
  return [...unknown, ...wrong];
}

/** More copies than the target has in this fleet would be taken for all of them in silence; null where they are not. */
export function copiesProblem(
  { target, parameters }: Pick<Request, 'target' | 'parameters'>,
  { services }: FaultGround,
): ParameterProblem | null {
  if (target.kind !== 'service') return null;
  const all = target.instance === undefined ? services.find((one) => one.id === target.service)?.copies.length : 1;
  if (all === undefined || !(Number(parameters.copies) > all)) return null;
  const place = target.instance === undefined ? target.service : `${target.service}-${target.instance}`;
  const has = target.instance === undefined ? `has ${all}` : 'is one';
  const expected = all === 1 ? '0 or 1' : `a whole number from 0 to ${all}`;
  return { name: 'copies', detail: `copies is ${parameters.copies}, and ${place} ${has}`, expected };
}

function parameterDetail(spec: FaultParameterSpec, value: string | number | null): string | null {
  const { name } = spec;
  if (value === null) return `${name} is missing`;
  if (spec.type === 'text') return spec.default === null && String(value).trim() === '' ? `${name} is empty` : null;
  if (spec.type === 'choice') return spec.choices.includes(String(value)) ? null : `${name} is ${value}`;
  const number = toNumber(value);
  const fits =
    Number.isFinite(number) &&
    (spec.type !== 'integer' || Number.isInteger(number)) &&
    number >= (spec.min ?? Number.NEGATIVE_INFINITY) &&
    number <= (spec.max ?? Number.POSITIVE_INFINITY);
  return fits ? null : `${name} is ${value}`;
}

/** Blank text is no number, though `Number` takes it for 0. */
const toNumber = (value: string | number): number =>
  typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);

/** Each parameter with its value or its default, in its own type. */
function filledIn(kind: FaultKind, given: FaultParameters): FaultParameters {
  return Object.fromEntries(
    kind.parameters.map((spec) => {
      const value = given[spec.name] ?? spec.default ?? '';
      return [spec.name, spec.type === 'text' || spec.type === 'choice' ? String(value) : toNumber(value)];
    }),
  );
}

function expectation(spec: FaultParameterSpec): string {
  if (spec.type === 'choice') return spec.choices.join(' or ');
  if (spec.type === 'text') return 'text';
  const what = spec.type === 'integer' ? 'a whole number' : 'a number';
  return `${what} from ${spec.min} to ${spec.max}${spec.unit === null ? '' : ` ${spec.unit}`}`;
}
