import { type FaultKind, FaultRequest, type FaultTarget, MOST_FAULT_SECONDS } from '../../../contract/index.ts';
import { catalogue } from '../catalogue/index.ts';
import { copiesProblem, type FaultGround, parameterProblems, targetProblem } from '../faults/check-request.ts';
import { describeValue } from './describe-value.ts';

type Path = readonly (string | number)[];

/** What is wrong with the arguments of an activity that puts a fault on. */
export interface FaultProblem {
  /** From the arguments on. */
  readonly path: Path;
  readonly detail: string;
  /** Null: it may still be right, such as for another fleet. */
  readonly expected: string | null;
}

/** Whether an activity's address is that by which faults of Flotilla's are put on, whatever the engine's own address is. */
export const isFaultAdd = (url: string): boolean => /\/api\/fault\.add$/.test(url);

/**
 * What the engine would refuse of a fault, told before anything is run: by the catalogue, and as a warning by the fleet that is
 * loaded. Values with `${...}` in them are known only when it runs and are left alone.
 */
export function faultProblems(given: unknown, ground: FaultGround | null): FaultProblem[] {
  if (isOpen(given)) return [];
  if (given === undefined) return [{ path: [], detail: 'arguments is missing', expected: 'a mapping with the fault' }];
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return [{ path: [], detail: `arguments is ${describeValue(given)}`, expected: 'a mapping with the fault' }];
  const source = given as Record<string, unknown>;
  return [...unknownKeys(source), ...shapeProblems(source), ...catalogueProblems(source, ground)];
}

const isOpen = (value: unknown): boolean => typeof value === 'string' && value.includes('${');

function unknownKeys(source: Record<string, unknown>): FaultProblem[] {
  return Object.keys(source)
    .filter((key) => !(key in FaultRequest.shape))
    .map((key) => ({ path: [key], detail: `${key} is not known to fault.add and has no effect`, expected: null }));
}

function shapeProblems(source: Record<string, unknown>): FaultProblem[] {
  const issues = FaultRequest.safeParse(source).error?.issues ?? [];
  return issues.flatMap(({ path: keys }) => {
    const path = keys.map((key) => (typeof key === 'symbol' ? String(key) : key));
    const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], source);
    if (isOpen(value)) return [];
    const what = value === undefined ? 'missing' : describeValue(value);
    return [{ path, detail: `${path.join('.')} is ${what}`, expected: expectedAt(path) }];
  });
}

const EXPECTED: Readonly<Record<string, string>> = {
  kind: 'the name of a fault',
  target: '{ kind: edge, from, to } or { kind: service, service }',
  'target.kind': 'edge (with from and to) or service (with service)',
  'target.port': 'a whole number',
  'target.instance': 'a whole number from 1',
  parameters: 'a mapping',
  forSeconds: `seconds above 0 and up to ${MOST_FAULT_SECONDS}, or null`,
  experiment: 'text of up to 200 characters',
};

function expectedAt(path: Path): string {
  const otherwise = path[0] === 'parameters' ? 'text or a number' : 'the name of a service';
  return EXPECTED[path.join('.')] ?? otherwise;
}

function catalogueProblems(source: Record<string, unknown>, ground: FaultGround | null): FaultProblem[] {
  if (typeof source.kind !== 'string' || isOpen(source.kind)) return [];
  const kind = catalogue.find((one) => one.kind === source.kind);
  if (kind === undefined) {
    const expected = catalogue.map((one) => one.kind).join(', ');
    return [{ path: ['kind'], detail: `there is no fault called ${source.kind}`, expected }];
  }
  return [...targetProblems(kind, source, ground), ...valueProblems(kind, source.parameters)];
}

function targetProblems(
  kind: FaultKind,
  { target: given, parameters }: Record<string, unknown>,
  ground: FaultGround | null,
): FaultProblem[] {
  const parsed = FaultRequest.shape.target.safeParse(given).data;
  if (parsed === undefined) return [];
  const wanted = kind.scope === 'edge' ? 'edge' : 'service';
  if (parsed.kind !== wanted) {
    const detail = `${kind.kind} is put on ${wanted === 'edge' ? 'an edge' : 'a service'}`;
    return [{ path: ['target', 'kind'], detail, expected: EXPECTED['target.kind'] ?? '' }];
  }
  if (ground === null || hasOpen(parsed)) return [];
  const values = FaultRequest.shape.parameters.safeParse(parameters).data ?? {};
  const few = kind.parameters.some((one) => one.name === 'copies')
    ? copiesProblem({ target: parsed, parameters: values }, ground)
    : null;
  const warning = few && {
    path: ['parameters', few.name],
    detail: `in the fleet that is loaded ${few.detail}`,
    expected: null,
  };
  return [...fleetProblems(kind, parsed, ground), ...(warning === null ? [] : [warning])];
}

const hasOpen = (target: FaultTarget): boolean => Object.values(target).some(isOpen);

function fleetProblems(kind: FaultKind, target: FaultTarget, ground: FaultGround): FaultProblem[] {
  const reason = kind.runtimes[ground.runtime];
  const cannot =
    reason && `the ${ground.runtime} runtime of the fleet that is loaded cannot do ${kind.kind}: ${reason}`;
  const wrong = targetProblem(kind, target, ground);
  const warnings: FaultProblem[] = [];
  if (cannot) warnings.push({ path: ['kind'], detail: cannot.replace(/\.$/, ''), expected: null });
  if (wrong !== null) {
    const detail = `${kind.kind} cannot be put there in the fleet that is loaded: ${wrong.detail}`;
    warnings.push({ path: ['target'], detail, expected: null });
  }
  return warnings;
}

function valueProblems(kind: FaultKind, given: unknown): FaultProblem[] {
  if (isOpen(given)) return [];
  const values = FaultRequest.shape.parameters.safeParse(given).data;
  if (values === undefined) return [];
  return parameterProblems(kind, values)
    .filter(({ name }) => !isOpen(values[name]))
    .map(({ name, detail, expected }) => ({
      path: ['parameters', name],
      detail: detail.replace(/^it /, `${kind.kind} `),
      expected,
    }));
}
