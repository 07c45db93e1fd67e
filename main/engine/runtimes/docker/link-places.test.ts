import { describe, expect, it } from 'vitest';
import { ServiceId } from '../../../contract/index.ts';
import { serviceSpec } from '../../fleet/model.fixture.ts';
import type { ServiceSpec, Sharing } from '../../fleet/model.ts';
import { linkPlace, type Surroundings } from './link-places.ts';

const inNetworks = (id: string, ...networks: string[]) =>
  serviceSpec(id, { networks: Object.fromEntries(networks.map((key) => [key, []])) });
const sharing = (id: string, networkMode: Sharing) => {
  const spec = serviceSpec(id);
  return { ...spec, container: { ...spec.container, networkMode } };
};
const service = (id: string) => ({ kind: 'service', service: ServiceId.parse(id) }) as const;
const other = (mode: string) => ({ kind: 'other', mode }) as const;

const db = inNetworks('db', 'back');
function around(services: readonly ServiceSpec[], given: Partial<Surroundings> = {}): Surroundings {
  return {
    services,
    way: 'gateway',
    gateways: new Map([
      ['front', '172.18.0.1'],
      ['back', '172.19.0.1'],
      ['inside', '172.20.0.1'],
    ]),
    publishing: new Set(['front', 'back']),
    attachments: (spec) =>
      spec.container.networkMode === null
        ? Object.keys(spec.networks).map((key) => ({ key, network: key, aliases: [] }))
        : [],
    ...given,
  };
}
const placed = (from: ServiceSpec, to: ServiceSpec = db, given: Partial<Surroundings> = {}, more: ServiceSpec[] = []) =>
  linkPlace(from, to, around([from, to, ...more], given));
const at = (network: string | null, listenHost: string, callerHost = listenHost) => ({
  network,
  listenHost,
  callerHost,
});

describe('linkPlace', () => {
  it('is the gateway of the network that both are in', () => {
    expect(placed(inNetworks('web', 'front', 'back'))).toEqual(at('back', '172.19.0.1'));
  });

  it('is none where the caller would not find the callee by its name', () => {
    expect(placed(inNetworks('web', 'front'))).toBeNull();
    expect(placed(sharing('web', other('bridge')))).toBeNull();
    expect(placed(sharing('web', other('none')))).toBeNull();
    expect(placed(sharing('web', { kind: 'container', container: 'x' }))).toBeNull();
  });

  it('is none where the file says itself what the name means', () => {
    expect(placed({ ...inNetworks('web', 'back'), extraHosts: ['db:10.0.0.7'] })).toBeNull();
  });

  it('is none for who publishes nothing', () => {
    const hidden = inNetworks('db', 'inside');
    expect(placed(inNetworks('web', 'inside'), hidden)).toBeNull();
    // Inside, the caller reaches the gateway though nothing beyond it.
    expect(placed(inNetworks('web', 'inside'), inNetworks('db', 'inside', 'back'))).toEqual(at('inside', '172.20.0.1'));
    expect(placed(inNetworks('web', 'back'), sharing('db', other('host')))).toBeNull();
  });

  it('is 127.0.0.1 for who has the network of this machine', () => {
    expect(placed(sharing('web', other('host')))).toEqual(at(null, '127.0.0.1'));
  });

  it('is that of the service whose network the caller shares', () => {
    const owner = inNetworks('owner', 'back');
    const second = sharing('second', service('owner'));
    expect(placed(sharing('web', service('second')), db, {}, [owner, second])).toEqual(at('back', '172.19.0.1'));
  });

  it('is none where no gateway is of this machine', () => {
    expect(placed(inNetworks('web', 'back'), db, { gateways: new Map() })).toBeNull();
  });

  it('goes by name to a machine that the engine runs in a machine of its own on', () => {
    const byName = at(null, '127.0.0.1', 'host.docker.internal');
    expect(placed(inNetworks('web', 'back'), db, { way: 'name' })).toEqual(byName);
    expect(placed(sharing('web', other('host')), db, { way: 'name' })).toEqual(byName);
    expect(placed(inNetworks('web', 'inside'), inNetworks('db', 'inside', 'back'), { way: 'name' })).toBeNull();
  });
});
