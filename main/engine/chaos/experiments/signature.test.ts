import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ExperimentStart } from '../../../contract/index.ts';
import { createExperiments } from './create-experiments.ts';

test('faults of an experiment with a long title are found again by what they carry of it', async () => {
  const home = mkdtempSync(join(tmpdir(), 'flotilla-signature-'));
  const carried: unknown[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    carried.push((JSON.parse(Buffer.concat(chunks).toString()) as { experiment: string }).experiment);
    response.end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.close();
    rmSync(home, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cleared: string[] = [];
  const experiments = createExperiments({
    home,
    endpoint: () => ({ url, token: 'token' }),
    fleet: () => ({ name: 'shop', runtime: 'process', services: [] }) as never,
    ground: () => null,
    sources: {} as never,
    faults: () => ({ faults: [], isBlocked: false }),
    clearFaults: async (title) => void cleared.push(title),
    onChange: () => undefined,
    onProblems: () => undefined,
  });
  const headers = { 'Content-Type': 'application/json' };
  const fault = { kind: 'hang', target: { kind: 'edge', from: 'orders', to: 'payments' } };
  const provider = { type: 'http', url: `${url}/api/fault.add`, method: 'POST', headers, arguments: fault };
  const text = JSON.stringify({ title: 'x'.repeat(300), method: [{ type: 'action', name: 'hangs', provider }] });
  const signal = new AbortController().signal;
  await experiments.handlers['experiment.start'](ExperimentStart.parse({ source: { text, file: 'x.json' } }), signal);
  await vi.waitFor(() => expect(cleared).toHaveLength(1));
  expect(cleared).toEqual(carried);
  await experiments.close();
});
