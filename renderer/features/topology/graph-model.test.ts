import { describe, expect, it } from 'vitest';
import type { NodeId, ServiceId, Topology, TopologyEdge, TopologyNode } from '../../../main/contract/index.ts';
import { serviceViewFixture as service } from '../../../main/contract/service-view.fixture.ts';
import { edgeLooks, graphOf, litBy, nodeLooks, sameStructure } from './graph-model.ts';

const node = (id: string, more: Partial<TopologyNode> = {}): TopologyNode => ({
  id: id as NodeId,
  kind: 'service',
  label: id,
  detail: 'http',
  health: 'healthy',
  service: id as ServiceId,
  parent: null,
  red: null,
  ...more,
});
const edge = (from: string, to: string, more: Partial<TopologyEdge> = {}): TopologyEdge => ({
  from: from as NodeId,
  to: to as NodeId,
  protocol: 'http',
  source: 'seen',
  lag: null,
  count: 600,
  ratePerSecond: 10,
  errorRate: 0,
  p50Ms: 3,
  p95Ms: 12,
  ...more,
});
const topology = (nodes: TopologyNode[], edges: TopologyEdge[]): Topology => ({
  range: { from: '', to: '' },
  nodes,
  edges,
});
const kafka = node('kafka', { kind: 'broker' });
const topic = node('kafka/order-events', {
  kind: 'topic',
  label: 'order-events',
  health: 'none',
  service: 'kafka' as ServiceId,
  parent: 'kafka' as NodeId,
});
describe('graphOf', () => {
  it('draws what a broker holds instead of the broker, and no edge to what is not drawn', () => {
    const graph = graphOf(
      topology([node('orders'), kafka, topic], [edge('orders', 'kafka'), edge('orders', 'kafka/order-events')]),
    );
    expect(graph.nodes.map((one) => one.id)).toEqual(['kafka/order-events', 'orders']);
    expect(graph.edges.map((one) => one.id)).toEqual(['orders~kafka/order-events']);
  });

  it('draws a broker that holds nothing', () => {
    expect(graphOf(topology([kafka], [])).nodes).toHaveLength(1);
  });

  it('has the same key for the same things, whatever their order and traffic', () => {
    const one = graphOf(topology([node('a'), node('b')], [edge('a', 'b')]));
    const other = graphOf(
      topology([node('b', { health: 'unhealthy' }), node('a')], [edge('a', 'b', { ratePerSecond: 99 })]),
    );
    expect(other.key).toBe(one.key);
    expect(graphOf(topology([node('a'), node('b')], [])).key).not.toBe(one.key);
  });
});

describe('edgeLooks', () => {
  const look = (more: Partial<TopologyEdge>, mode: Parameters<typeof edgeLooks>[1] = 'latency') =>
    edgeLooks(topology([], [edge('a', 'b', more)]), mode).get('a~b');

  it('says rate and p95, or rate and lag', () => {
    expect(look({})?.label).toBe('10/s · 12 ms');
    expect(look({ lag: 14 })?.label).toBe('10/s · lag 14');
  });

  it('has a word beside the colour when calls fail', () => {
    expect(look({ errorRate: 0.37 })).toMatchObject({ tone: 'error', label: '37 % of 10/s fail' });
    expect(look({ errorRate: 0.02 })).toMatchObject({ tone: 'warn', label: '2 % of 10/s fail' });
    expect(look({ errorRate: 0.37 }, 'errors')?.label).toBe('37 % of 10/s');
    expect(look({}, 'errors')?.label).toBe('');
  });

  it('says nothing of an edge without traffic', () => {
    expect(look({ source: 'declared', count: 0, ratePerSecond: 0 })).toEqual({ tone: 'declared', label: '', width: 1 });
  });

  it('says how many bytes pass where a link has counted nothing else', () => {
    const bytes = { count: 0, ratePerSecond: 0, p95Ms: null, link: { openConnections: 2, bytesPerSecond: 374.2 } };
    expect(look(bytes)?.label).toBe('374 B/s');
    expect(look(bytes, 'errors')?.label).toBe('');
    expect(look({ ...bytes, count: 9, ratePerSecond: 3 })?.label).toBe('3/s');
  });

  it('thickens with traffic, up to a limit', () => {
    const widths = [0, 10, 100, 1e9].map((ratePerSecond) => look({ ratePerSecond })?.width ?? 0);
    expect([...widths].sort((a, b) => a - b)).toEqual(widths);
    expect(widths.at(-1)).toBe(4.5);
  });
});

describe('nodeLooks', () => {
  it('takes the state from the service while live, from what is known of that time in the past', () => {
    const failed = service('orders', { state: 'failed', health: 'unknown' });
    expect(nodeLooks(topology([node('orders')], []), [failed], null).get('orders')).toMatchObject({
      tone: 'error',
      detail: 'Failed',
    });
    const past = new Map([['orders', { tone: 'ok' as const, word: 'Healthy' }]]);
    expect(nodeLooks(topology([node('orders')], []), [failed], past).get('orders')).toMatchObject({
      tone: 'ok',
      detail: 'http',
    });
  });

  it('says of the past that it does not know it, and shows nothing of the present', () => {
    const topologyNow = topology([node('orders', { health: 'healthy' }), kafka, topic], []);
    const looks = nodeLooks(topologyNow, [service('orders'), service('kafka', { state: 'failed' })], new Map());
    expect(looks.get('orders')).toMatchObject({ tone: 'idle', word: 'Unknown', detail: 'Unknown' });
    expect(looks.get('kafka/order-events')).toMatchObject({ tone: 'idle', word: '' });
  });

  it('breaks a topic with its broker', () => {
    const broken = nodeLooks(topology([kafka, topic], []), [service('kafka', { state: 'failed' })], null);
    expect(broken.get('kafka/order-events')).toMatchObject({ tone: 'error', hasState: true });
    const well = nodeLooks(topology([kafka, topic], []), [service('kafka')], null);
    expect(well.get('kafka/order-events')).toMatchObject({ hasState: false, detail: 'http' });
  });
});

it('lights a node with its neighbours, an edge with its ends', () => {
  const edges = [
    { id: 'a~b', from: 'a', to: 'b' },
    { id: 'b~c', from: 'b', to: 'c' },
  ];
  expect([...litBy(edges, 'a')].sort()).toEqual(['a', 'a~b', 'b']);
  expect([...litBy(edges, 'b~c')].sort()).toEqual(['b', 'b~c', 'c']);
  expect(litBy(edges, null).size).toBe(0);
});

it('knows the same things by their names and order, whatever their numbers', () => {
  const one = topology([node('a'), node('b')], [edge('a', 'b')]);
  expect(
    sameStructure(one, topology([node('a', { health: 'unhealthy' }), node('b')], [edge('a', 'b', { count: 1 })])),
  ).toBe(true);
  expect(sameStructure(one, topology([node('a'), node('b')], []))).toBe(false);
  expect(sameStructure(one, topology([node('a'), node('c')], [edge('a', 'b')]))).toBe(false);
  expect(sameStructure(one, topology([node('a'), node('b', { detail: 'grpc' })], [edge('a', 'b')]))).toBe(false);
});
