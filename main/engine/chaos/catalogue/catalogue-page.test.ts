import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cataloguePage } from './catalogue-page.fixture.ts';
import { catalogue } from './index.ts';

const page = join(import.meta.dirname, '../../../../docs/faults.md');
const MARK = '<!-- What follows is made from the code: npx vitest run main/engine/chaos/catalogue -u -->';

test('docs/faults.md has the catalogue as it is', async () => {
  const [prose = ''] = (await readFile(page, 'utf8')).split(MARK);
  await expect(`${prose}${MARK}\n\n${cataloguePage(catalogue)}\n`).toMatchFileSnapshot(page);
});
