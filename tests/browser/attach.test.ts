import { expect, it } from 'vitest';
import { FlotillaError } from '../../main/contract/index.ts';
import { describeConsole, seriousProblems } from './support/console.ts';

describeConsole('attaching to what runs already', (open) => {
  it('lists projects and containers, attaches by key, and detaches', async () => {
    const on = await open({ phase: 'none', docker: true });
    const list = on.page.getByRole('region', { name: 'Already running' });
    await list.getByText('3 services, 3 of 4 containers running · api, db, migrate').waitFor();
    await list.getByText('1 of 1 container running · redis:7').waitFor();
    expect(await seriousProblems(on.page)).toEqual([]);
    await list.getByRole('button', { name: 'Attach to depot' }).press('Enter');
    await on.page.getByText('Attached to depot. Nothing of it was changed.').waitFor();
    await on.page.getByRole('banner').getByText('Attached', { exact: true }).waitFor();
    await on.page.getByRole('button', { name: 'Fleet depot: details' }).click();
    await on.page.getByText('OTEL_EXPORTER_OTLP_ENDPOINT=http://172.18.0.1:4318').first().waitFor();
    await on.page.getByRole('button', { name: 'Copy OTEL_EXPORTER_OTLP_PROTOCOL' }).first().waitFor();
    await on.page.keyboard.press('Escape');
    await on.page.getByRole('button', { name: 'Detach' }).click();
    await on.page.getByText('Detached. Nothing of it was stopped').waitFor();
    await list.getByRole('button', { name: 'Attach to scratch-redis' }).waitFor();
  });

  it('says why nothing can be listed', async () => {
    const on = await open({ phase: 'none' });
    const list = on.page.getByRole('region', { name: 'Already running' });
    await list.getByText('No container engine answers. Start Docker Desktop').waitFor();
    expect(await list.getByRole('button').count()).toBe(0);
  });

  it('says that nothing runs, and what comes of an error', async () => {
    const on = await open({ phase: 'none', docker: true });
    const list = on.page.getByRole('region', { name: 'Already running' });
    on.engine.attachable({ candidates: [], reason: null, remedy: null });
    await on.page.reload();
    await list.getByText('Nothing that Flotilla did not start.').waitFor();
    on.engine.attachable(
      new FlotillaError('RUNTIME_UNAVAILABLE', { runtime: 'docker', detail: 'it is away', remedy: 'Start it.' }),
    );
    await on.page.reload();
    await list.getByText('The docker runtime cannot be used: it is away.').waitFor();
    await list.getByRole('button', { name: 'Try again' }).waitFor();
  });

  it('shows beside empty traces and a topology without spans what to add', async () => {
    const on = await open({ phase: 'none', docker: true });
    await on.page.getByRole('button', { name: 'Attach to depot' }).click();
    await on.page.getByRole('link', { name: /^Traces/ }).click();
    await on.page.getByText('No trace in this time').waitFor();
    await on.page.getByRole('button', { name: 'Copy OTEL_EXPORTER_OTLP_ENDPOINT' }).waitFor();
    expect(await seriousProblems(on.page)).toEqual([]);
  });
});
