import { type FaultPreview, type FaultTarget, isOnRequests, type Topology } from '../../contract/index.ts';
import type { FaultDraft } from './faults/faults.ts';
import { isCallOver } from './is-call-over.ts';

type Edge = FaultPreview['edges'][number];

/** What a fault would touch, by what the topology shows of the last seconds; null where nothing is known of it. */
export function previewOf(
  { kind, entry, ground }: FaultDraft,
  topology: Topology | null,
  forSeconds: number | null,
): FaultPreview {
  const { target } = entry;
  const copies = hitCopies(entry.before);
  const all =
    target.kind === 'service' ? (ground.services.find((one) => one.id === target.service)?.copies.length ?? 1) : 1;
  const share =
    target.kind === 'edge'
      ? requestShare(entry.parameters, kind.kind)
      : copies === null
        ? 1
        : copies / Math.max(1, all);
  const edges = target.kind === 'edge' ? [edgeOf(target, topology)] : callersOf(target.service, topology);
  const services = target.kind === 'service' ? [target.service] : [];
  const ends = kind.isMoment ? 'once' : forSeconds === null ? 'until it is removed' : `for ${secondsWords(forSeconds)}`;
  const place = target.kind === 'edge' ? edgeWords(target) : copiesWords(target.service, copies, all);
  const touched = touchWords(edges, share, kind.scope !== 'edge');
  const restarts = kind.kind === 'clock-offset' ? ' It is restarted at the start and at the end.' : '';
  const isOfConnections = kind.scope === 'edge' && !isOnRequests(kind) && share < 1;
  const whole = isOfConnections
    ? ' The share is of connections: of one that is hit all requests are, of others none.'
    : '';
  const summary = `${kind.title} on ${place}, ${ends}: ${touched}.${restarts}${whole}`;
  return { edges, services, share, summary };
}

function hitCopies(before: Record<string, unknown>): number | null {
  return Array.isArray(before.copies) ? before.copies.length : null;
}

/** Which part of requests or connections it hits; those that do not match a method, path or header are left out of account. */
function requestShare(parameters: Readonly<Record<string, string | number>>, kind: string): number {
  const percent = Number(parameters.percent ?? 100) / 100;
  return kind === 'http-drop' ? percent / Number(parameters.nth ?? 1) : percent;
}

function edgeOf({ from, to }: Extract<FaultTarget, { kind: 'edge' }>, topology: Topology | null): Edge {
  if (topology === null) return { from, to, requestsPerSecond: null };
  const owner = new Map<string, string | null>(topology.nodes.map((node) => [node.id, node.service]));
  const mine = topology.edges.filter((edge) => isCallOver(edge, (id) => owner.get(id), { from, to }));
  const seen = mine.filter((edge) => edge.source === 'seen');
  const rate = seen.reduce((sum, edge) => sum + edge.ratePerSecond, 0);
  return { from, to, requestsPerSecond: seen.length === 0 ? null : rate };
}

function callersOf(service: string, topology: Topology | null): Edge[] {
  const owner = new Map(topology?.nodes.map((node) => [node.id, node.service as string | null]) ?? []);
  const callers = new Set(
    topology?.edges.flatMap((edge) => {
      const from = owner.get(edge.from) ?? null;
      return owner.get(edge.to) === service && from !== null && from !== service ? [from] : [];
    }),
  );
  return [...callers].map((from) => edgeOf({ kind: 'edge', from, to: service }, topology));
}

function edgeWords({ from, to, port }: Extract<FaultTarget, { kind: 'edge' }>): string {
  return `${from} → ${to}${port === undefined ? '' : ` (port ${port})`}`;
}

function copiesWords(service: string, hit: number | null, all: number): string {
  if (hit === null || all <= 1) return service;
  return hit === all ? `all ${all} copies of ${service}` : `${hit} of ${all} copies of ${service}`;
}

function touchWords(edges: readonly Edge[], share: number, isService: boolean): string {
  const known = edges.filter((edge) => edge.requestsPerSecond !== null);
  if (known.length === 0) return isService ? 'nobody was seen calling it' : 'no requests were seen there';
  const rate = known.reduce((sum, edge) => sum + (edge.requestsPerSecond ?? 0), 0);
  const from = isService ? ` from ${list(known.map((edge) => edge.from))}` : '';
  const part =
    share >= 1 ? `${rateWords(rate)} requests` : `about ${rateWords(rate * share)} of ${rateWords(rate)} requests`;
  return `${part} a second${from}`;
}

const rateWords = (rate: number): string => (rate >= 10 ? String(Math.round(rate)) : String(Number(rate.toFixed(1))));

function list(names: readonly string[]): string {
  if (names.length <= 1) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function secondsWords(seconds: number): string {
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`;
  return seconds < 7200 ? `${Number((seconds / 60).toFixed(1))} min` : `${Number((seconds / 3600).toFixed(1))} h`;
}
