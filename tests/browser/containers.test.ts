import { expect, it } from 'vitest';
import { describeConsole, seriousProblems } from './support/console.ts';

describeConsole('what containers have', (open) => {
  it('charts what each instance uses over the range, and breaks no line for the past', async () => {
    const on = await open({ docker: true, path: '/services/shipping?view=usage' });
    const memory = on.page.getByRole('figure', { name: /^Memory of shipping: / });
    await expect.poll(() => memory.locator('.recharts-line-curve').count()).toBe(2);
    await memory.getByText(/^shipping-2 /).waitFor();
    await on.page.getByRole('figure', { name: /^Network out of shipping/ }).waitFor();
    const { marks } = on.engine.state();
    const before = (marks[0]?.atMs ?? 0) - 60_000;
    await on.open(`/services/shipping?view=usage&from=${before - 60_000}&to=${before}`);
    await expect.poll(() => on.page.getByText('Not measured in this time.').count()).toBe(6);
  });

  it('looks into the files of a container: text, bytes, what is too large', async () => {
    const on = await open({ docker: true, path: '/services/orders?view=files' });
    await on.page.getByRole('button', { name: 'app/' }).click();
    await on.page.getByRole('button', { name: /^main\.cjs/ }).click();
    const file = (path: string) => on.page.getByRole('region', { name: path });
    await file('/app/main.cjs').getByText("console.log('orders is up');").waitFor();
    expect(on.page.url()).toContain('path=/app/main.cjs');
    const saved = on.page.waitForEvent('download');
    await file('/app/main.cjs').getByRole('button', { name: 'Save' }).click();
    expect((await saved).suggestedFilename()).toBe('main.cjs');
    await on.page.getByRole('button', { name: /^core\.bin/ }).click();
    await file('/app/core.bin').getByText('It is no text.').waitFor();
    await file('/app/core.bin').getByText('000000  ff fe fd').waitFor();
    await on.page.getByRole('button', { name: /^trace\.log/ }).click();
    await file('/app/trace.log').getByText('these are the first 1 MiB of 3.24 MiB').waitFor();
    expect(await file('/app/trace.log').getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await on.page.getByRole('button', { name: 'empty/' }).click();
    await on.page.getByText('empty', { exact: true }).waitFor();
    await on.page.goBack();
    await file('/app/core.bin').waitFor();
  });

  it('inspects a container: why it ended, its health checks, all of it with secrets masked', async () => {
    const on = await open({ docker: true, path: '/services/payments?view=inspect' });
    await on.page.getByText('137, ended by the system: out of memory').waitFor();
    await on.page.getByRole('region', { name: 'Health checks' }).getByText('connection refused').waitFor();
    const json = on.page.getByRole('region', { name: 'Inspection as JSON' });
    await json.getByLabel('Search in the JSON').fill('database_url');
    await json.getByText('1 of 1 line').waitFor();
    expect(await json.getByText('payments:secret').count()).toBe(0);
    await on.page.getByRole('button', { name: 'Reveal secrets' }).click();
    await json.getByText('payments:secret').waitFor();
  });

  it('says why processes have neither files nor an inspection', async () => {
    const on = await open({ path: '/services/orders?view=files' });
    await on.page.getByText('Processes have the files of this machine').waitFor();
    await on.open('/services/orders?view=inspect');
    await on.page.getByText('A process is no container').waitFor();
  });

  it('offers the runtimes that there are, and says why another is not', async () => {
    const on = await open({ phase: 'none' });
    const docker = on.page.getByRole('radio', { name: /^Docker/ });
    const choice = on.page.getByRole('group', { name: 'It runs on' });
    await choice.getByText('No container engine answers. Start Docker Desktop').waitFor();
    expect([await docker.isDisabled(), await on.page.getByRole('radio', { name: /^Processes/ }).isChecked()]).toEqual([
      true,
      true,
    ]);
  });

  it('shows how images come before anything starts', async () => {
    const on = await open({ phase: 'none', docker: true });
    await on.page.getByText('1 image will be pulled first, 1 image will be built first').waitFor();
    expect(await on.page.getByRole('radio', { name: /^Docker/ }).isChecked()).toBe(true);
    expect(await seriousProblems(on.page)).toEqual([]);
    await on.page.getByRole('main').getByRole('button', { name: 'Start the shop' }).click();
    const images = on.page.getByRole('region', { name: 'Images' });
    await images.getByText('1 of 2 layers · for kafka').waitFor();
    await images.getByRole('progressbar', { name: 'Build of shop-orders' }).waitFor();
    await images.getByText('step 4 of 9: RUN npm ci --omit=dev').waitFor();
    await images.waitFor({ state: 'detached' });
    await on.page.getByRole('status', { name: 'Fleet: Healthy · 14 services' }).waitFor({ timeout: 30_000 });
  });

  it("shows a build that fails in the engine's own words", async () => {
    const on = await open({ phase: 'none', docker: true, failsImages: true });
    await on.page.getByRole('main').getByRole('button', { name: 'Start the shop' }).click();
    await on.page.getByRole('link', { name: /^Services/ }).click();
    const images = on.page.getByRole('region', { name: 'Images' });
    await images.getByRole('alert').getByText('In step 4 of 9, RUN npm ci --omit=dev:').waitFor();
    await images.getByText('npm error code ENOTFOUND').waitFor();
    await images.getByRole('button', { name: /Copy what the engine wrote/ }).waitFor();
    expect(await seriousProblems(on.page)).toEqual([]);
  });
});
