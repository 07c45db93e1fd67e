import type {
  FaultKind,
  FaultParameterSpec,
  FaultParameters,
  FaultTarget,
  FaultView,
  Topology,
  TopologyNode,
} from '../../main/contract/index.ts';
import { formatDuration, formatPercentNumber, plural } from '../ui/format.ts';

/** A node as far as it matters for what is broken: its id and the service that it is, or lies in. */
export type Place = Pick<TopologyNode, 'id' | 'service'>;

const serviceOf = (place: Place): string => place.service ?? place.id;

/**
 * The call that a line of the topology is about, by services: what links stand in. Who reads a topic calls the broker,
 * although the line runs from the topic to the reader.
 */
export function calledOver(from: Place, to: Place): { from: string; to: string } {
  const isRead = from.service !== null && (from.service as string) !== (from.id as string);
  return isRead ? { from: serviceOf(to), to: serviceOf(from) } : { from: serviceOf(from), to: serviceOf(to) };
}

/** The calls between services of a topology, each once, by name. */
export function callsOf(topology: Topology): { readonly from: string; readonly to: string }[] {
  const nodes = new Map(topology.nodes.map((node) => [node.id as string, node]));
  const calls = new Map<string, { from: string; to: string }>();
  for (const edge of topology.edges) {
    const from = nodes.get(edge.from);
    const to = nodes.get(edge.to);
    if (!from?.service || !to?.service) continue;
    const call = calledOver(from, to);
    if (call.from !== call.to) calls.set(`${call.from}~${call.to}`, call);
  }
  return [...calls.values()].sort((a, b) => a.from.localeCompare(b.from) || a.to.localeCompare(b.to));
}

/** The faults in the way of the calls of one line of the topology. */
export function faultsOnEdge(faults: readonly FaultView[], from: Place, to: Place): FaultView[] {
  const call = calledOver(from, to);
  return faults.filter(({ target }) => target.kind === 'edge' && target.from === call.from && target.to === call.to);
}

/** The faults on a service itself. */
export function faultsOnService(faults: readonly FaultView[], service: string): FaultView[] {
  return faults.filter(({ target }) => target.kind === 'service' && target.service === service);
}

/** `orders → payments`, `orders → catalog :7002`, `shipping 2`. */
export function targetText(target: FaultTarget): string {
  if (target.kind === 'service')
    return target.instance === undefined ? target.service : `${target.service} ${target.instance}`;
  return `${target.from} → ${target.to}${target.port === undefined ? '' : ` :${target.port}`}`;
}

/** Milliseconds until it ends; null for one that somebody has to end. */
export function msLeft(fault: FaultView, nowMs: number): number | null {
  return fault.until === null ? null : Math.max(0, Date.parse(fault.until) - nowMs);
}

/** `41 s`, `4:07`, `1:02:30`: short, and each second another. */
export function formatLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** How long it lasts yet, in a word. */
export function leftText(fault: FaultView, nowMs: number): string {
  if (fault.state === 'applying') return 'being put on';
  if (fault.state === 'reverting') return 'ending';
  if (fault.state === 'failed') return 'failed';
  const left = msLeft(fault, nowMs);
  return left === null ? 'until ended' : formatLeft(left);
}

/** The name of a kind for people, also of one that is not known (yet). */
export function faultTitle(kind: string, kinds: readonly FaultKind[] | undefined): string {
  const known = kinds?.find((one) => one.kind === kind)?.title;
  if (known !== undefined) return known;
  const words = kind.replace(/-/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What the flag on an edge or a node says: the fault and how long it lasts, or how many there are. Null without any. */
export function flagText(
  faults: readonly FaultView[],
  kinds: readonly FaultKind[] | undefined,
  nowMs: number,
): string | null {
  const [first, ...more] = faults;
  if (!first) return null;
  if (more.length === 0) return `${faultTitle(first.kind, kinds)} · ${leftText(first, nowMs)}`;
  const last = lastToEnd(faults, nowMs);
  return `${plural(faults.length, 'fault')}${last === null ? '' : ` · ${formatLeft(last)}`}`;
}

/** Milliseconds until all have ended by themselves; null where one does not, or there is none. */
export function lastToEnd(faults: readonly FaultView[], nowMs: number): number | null {
  const left = faults.map((fault) => msLeft(fault, nowMs));
  return left.length === 0 || left.includes(null) ? null : Math.max(...left.map((ms) => ms ?? 0));
}

/** A value with its unit as people write it: `2 s`, `50 %`, `16 KB/s`, `503`. */
export function formatParameter(spec: Pick<FaultParameterSpec, 'unit'>, value: string | number): string {
  if (spec.unit === null) return String(value);
  const number = Number(value);
  if (spec.unit === 'ms' && Number.isFinite(number)) return formatDuration(number).replace(/\.0+ /, ' ');
  if (spec.unit === '%' && Number.isFinite(number)) return `${formatPercentNumber(number / 100)} %`;
  return spec.unit.startsWith('/') ? `${value}${spec.unit}` : `${value} ${spec.unit}`;
}

/** What goes without saying where it is as by default: all of it. */
const UNSAID: readonly string[] = ['percent', 'copies', 'workers'];

/**
 * What is special about a fault, in few words: `2 s, 50 %`. The first parameter always, others where they are not as by
 * default.
 */
export function parameterText(kind: FaultKind | undefined, parameters: FaultParameters): string {
  if (!kind) {
    return Object.entries(parameters)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  }
  return kind.parameters
    .flatMap((spec, index) => {
      const value = parameters[spec.name] ?? spec.default;
      if (value === null || value === '') return [];
      if (value === spec.default && (index > 0 || value === 0 || UNSAID.includes(spec.name))) return [];
      if (spec.name === 'jitterMs') return [`± ${formatParameter(spec, value)}`];
      if (spec.type === 'text' && index > 0) return [`${spec.title.toLowerCase()} ${value}`];
      return [formatParameter(spec, value)];
    })
    .join(', ');
}

/** `Latency 2 s, 50 %` */
export function faultText(
  fault: Pick<FaultView, 'kind' | 'parameters'>,
  kinds: readonly FaultKind[] | undefined,
): string {
  const details = parameterText(
    kinds?.find((one) => one.kind === fault.kind),
    fault.parameters,
  );
  return details === '' ? faultTitle(fault.kind, kinds) : `${faultTitle(fault.kind, kinds)} ${details}`;
}
