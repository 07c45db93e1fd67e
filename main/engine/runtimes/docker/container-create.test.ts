import { describe, expect, it } from 'vitest';
import { healthcheck, port, serviceSpec } from '../../fleet/model.fixture.ts';
import type { ContainerHealthcheck, Mount, ServiceSpec } from '../../fleet/model.ts';
import { type ContainerInput, configHash, containerCreate } from './container-create.ts';

const plain = serviceSpec('orders').container;
const SECOND = 1_000_000_000;

function create(given: Partial<Omit<ServiceSpec, 'id'>> = {}, input: Partial<ContainerInput> = {}) {
  return containerCreate({
    spec: serviceSpec('orders', given),
    name: 'shop-orders-1',
    image: 'shop/orders',
    labels: { a: 'b' },
    environment: {},
    bindings: [],
    attachments: [{ key: 'default', network: 'shop_default', aliases: ['orders', 'shop-orders-1'] }],
    extraHosts: [],
    volumeName: (key) => `shop_${key}`,
    containerOf: (service) => `shop-${service}-1`,
    ...input,
  });
}

function mount(given: Partial<Omit<Mount, 'options'>> & { options?: Partial<Mount['options']> }): Mount {
  const options = {
    createHostPath: false,
    propagation: null,
    selinux: null,
    noCopy: false,
    subpath: null,
    sizeBytes: null,
    mode: null,
    flags: [],
    ...given.options,
  };
  return { kind: 'volume', source: null, target: '/data', readOnly: false, ...given, options };
}

describe('what a container is made from', () => {
  it('says nothing of what the file does not say', () => {
    expect(create()).toEqual({
      name: 'shop-orders-1',
      Image: 'shop/orders',
      Env: [],
      Labels: { a: 'b' },
      Tty: false,
      OpenStdin: false,
      StopSignal: 'SIGTERM',
      StopTimeout: 2,
      ExposedPorts: {},
      HostConfig: {
        RestartPolicy: { Name: 'no' },
        NetworkMode: 'shop_default',
        PortBindings: {},
        Mounts: [],
        Binds: [],
      },
      NetworkingConfig: { EndpointsConfig: { shop_default: { Aliases: ['orders', 'shop-orders-1'] } } },
    });
  });

  it('has the program that the file names', () => {
    const made = create(
      {
        command: ['serve', '--port', '80'],
        entrypoint: [],
        workingDir: '/app',
        user: '1000:1000',
        tty: true,
        stopSignal: 'SIGINT',
        stopGracePeriodMs: 1500,
        container: { ...plain, hostname: 'box', init: true, stdinOpen: true, platform: 'linux/arm64' },
      },
      { environment: { A: '1', B: 'x=y' } },
    );
    expect(made).toMatchObject({
      Cmd: ['serve', '--port', '80'],
      Entrypoint: [],
      WorkingDir: '/app',
      User: '1000:1000',
      Tty: true,
      OpenStdin: true,
      StopSignal: 'SIGINT',
      StopTimeout: 2,
      Hostname: 'box',
      platform: 'linux/arm64',
      Env: ['A=1', 'B=x=y'],
      HostConfig: { Init: true },
    });
  });

  it('publishes ports', () => {
    const binding = { containerPort: 80, protocol: 'tcp', hostIp: '127.0.0.1', hostPort: 20_000 } as const;
    const made = create(
      { ports: [port('http', 80), port('dns', 53, { protocol: 'udp' })] },
      { bindings: [binding, { ...binding, hostIp: '0.0.0.0', hostPort: 8080 }] },
    );
    expect(made.ExposedPorts).toEqual({ '80/tcp': {}, '53/udp': {} });
    expect(made.HostConfig?.PortBindings).toEqual({
      '80/tcp': [
        { HostIp: '127.0.0.1', HostPort: '20000' },
        { HostIp: '0.0.0.0', HostPort: '8080' },
      ],
    });
  });

  it('mounts folders, volumes and memory', () => {
    const made = create({
      mounts: [
        mount({ kind: 'bind', source: '/src a', target: '/app', readOnly: true, options: { createHostPath: true } }),
        mount({ kind: 'bind', source: '/src', target: '/long', options: { propagation: 'rshared' } }),
        mount({ kind: 'bind', source: '/se', target: '/se', options: { selinux: 'Z' } }),
        mount({ kind: 'bind', source: '/a:b', target: '/colon', options: { createHostPath: true } }),
        mount({ source: 'data', options: { noCopy: true } }),
        mount({ target: '/anonymous' }),
        mount({ kind: 'tmpfs', target: '/tmp', options: { sizeBytes: 1024, mode: 0o1777 } }),
        mount({ kind: 'tmpfs', target: '/run', options: { flags: ['noexec'], sizeBytes: 2048 } }),
      ],
    });
    expect(made.Volumes).toEqual({ '/anonymous': {} });
    expect(made.HostConfig).toMatchObject({
      Binds: ['/src a:/app:ro', '/se:/se:rw,Z'],
      Tmpfs: { '/run': 'noexec,size=2048' },
      Mounts: [
        { Type: 'bind', Source: '/src', Target: '/long', ReadOnly: false, BindOptions: { Propagation: 'rshared' } },
        { Type: 'bind', Source: '/a:b', Target: '/colon' },
        { Type: 'volume', Source: 'shop_data', Target: '/data', VolumeOptions: { NoCopy: true } },
        { Type: 'tmpfs', Target: '/tmp', TmpfsOptions: { SizeBytes: 1024, Mode: 0o1777 } },
      ],
    });
  });

  it('limits what it may use and may do', () => {
    const made = create({
      limits: { cpus: 0.5, memoryBytes: 64e6 },
      extraHosts: ['db:10.0.0.1'],
      container: {
        ...plain,
        capAdd: ['NET_ADMIN'],
        capDrop: ['ALL'],
        securityOptions: ['no-new-privileges:true'],
        readOnly: true,
        privileged: true,
        shmSizeBytes: 1e6,
        memoryReservationBytes: 32e6,
        memorySwapBytes: -1,
        pidsLimit: 100,
        sysctls: { 'net.core.somaxconn': '1024' },
        ulimits: [{ name: 'nofile', soft: 1, hard: 2 }],
        devices: [{ host: '/dev/a', container: '/dev/b', permissions: 'rw' }],
        logging: { driver: 'json-file', options: { 'max-size': '1m' } },
        dns: ['1.1.1.1'],
      },
    });
    expect(made.HostConfig).toMatchObject({
      NanoCpus: 5e8,
      Memory: 64e6,
      MemoryReservation: 32e6,
      MemorySwap: -1,
      PidsLimit: 100,
      ShmSize: 1e6,
      CapAdd: ['NET_ADMIN'],
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      ReadonlyRootfs: true,
      Privileged: true,
      Sysctls: { 'net.core.somaxconn': '1024' },
      Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
      Devices: [{ PathOnHost: '/dev/a', PathInContainer: '/dev/b', CgroupPermissions: 'rw' }],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
      ExtraHosts: ['db:10.0.0.1'],
      Dns: ['1.1.1.1'],
    });
  });

  it("shares another's network, and then has no ports of its own", () => {
    const networkMode = { kind: 'service', service: serviceSpec('db').id } as const;
    const made = create({ container: { ...plain, networkMode }, ports: [port('http', 80)] }, { attachments: [] });
    expect(made.HostConfig?.NetworkMode).toBe('container:shop-db-1');
    expect(made.HostConfig).not.toHaveProperty('PortBindings');
    expect(made).not.toHaveProperty('ExposedPorts');
    expect(made).not.toHaveProperty('NetworkingConfig');
  });

  it('has the address that the file fixes', () => {
    const fixed = { ipv4: '10.5.0.7', ipv6: null, linkLocalIps: [], macAddress: null, driverOptions: {}, priority: 0 };
    const made = create({ container: { ...plain, attachments: { default: fixed } } });
    expect(made.NetworkingConfig?.EndpointsConfig?.shop_default).toMatchObject({
      IPAMConfig: { IPv4Address: '10.5.0.7' },
    });
  });
});

describe('its health check', () => {
  const written: ContainerHealthcheck = {
    disabled: false,
    test: null,
    intervalMs: null,
    timeoutMs: null,
    retries: null,
    startPeriodMs: null,
    startIntervalMs: null,
  };
  const check = (given: Partial<ContainerHealthcheck> | null, model: ServiceSpec['healthcheck'] = null) =>
    create({ healthcheck: model, container: { ...plain, healthcheck: given && { ...written, ...given } } }).Healthcheck;

  it("is the image's own where the file has none", () => {
    expect(check(null)).toBeUndefined();
  });

  it("is Compose's, and the image's in what it leaves open", () => {
    const test = { words: ['redis-cli', 'ping'], shell: false };
    expect(check({ test: test, intervalMs: 2000 })).toEqual({
      Test: ['CMD', 'redis-cli', 'ping'],
      Interval: 2 * SECOND,
      Timeout: 0,
      Retries: 0,
      StartPeriod: 0,
    });
    expect(check({ retries: 7 })).toMatchObject({ Retries: 7 });
    expect(check({ retries: 7 })).not.toHaveProperty('Test');
  });

  it('is none where it is switched off, or where Flotilla asks itself', () => {
    expect(check({ disabled: true })).toEqual({ Test: ['NONE'] });
    expect(check(null, healthcheck({ tcp: { port: 'http' } }))).toEqual({ Test: ['NONE'] });
  });
});

describe('configHash', () => {
  it('changes with what a container is made from, and with nothing else', () => {
    const hash = (labels: Record<string, string>, environment = {}) => configHash(create({}, { labels, environment }));
    expect(hash({ a: '1', b: '2' })).toBe(hash({ b: '2', a: '1' }));
    expect(hash({ a: '1' })).not.toBe(hash({ a: '2' }));
    expect(hash({}, { A: '1' })).not.toBe(hash({}));
  });
});
