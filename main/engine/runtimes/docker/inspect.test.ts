import type Dockerode from 'dockerode';
import { expect, it } from 'vitest';
import { maskedInspect } from './inspect.ts';

const info = {
  Id: 'c',
  Args: ['--requirepass', 'hush', '--port', '6379'],
  Config: {
    Env: ['API_TOKEN=hush', 'URL=postgres://me:hush@db/x', 'MODE=fast'],
    Cmd: ['serve', '--db-password=hush', '--token', 'hush', '--verbose', '--no-passive', '-x'],
    Labels: { 'traefik.auth.secret': 'hush', team: 'shop' },
    Image: 'a',
  },
  HostConfig: { LogConfig: { Type: 'splunk', Config: { 'splunk-token': 'hush', 'max-size': '1m' } } },
  NetworkSettings: { SandboxKey: '/var/run/docker/netns/1' },
} as unknown as Dockerode.ContainerInspectInfo;

it('masks what is secret in variables, addresses, options, labels and log options, and nothing else', () => {
  const text = JSON.stringify(maskedInspect(info, false));
  expect(text).not.toContain('hush');
  for (const plain of ['6379', 'MODE=fast', 'shop', '1m', '/var/run/docker/netns/1', '--verbose', '-x', 'splunk']) {
    expect(text).toContain(plain);
  }
  expect(maskedInspect(info, true)).toEqual(info);
});
