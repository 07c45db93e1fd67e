import type { ExperimentResult } from '../../../contract/index.ts';
import { escapeXml } from './escape.ts';

/** The report as one page without external references. */
export function renderHtml({ run, deviations, journal }: ExperimentResult): string {
  const items = deviations.map((one) => `<li>${escapeXml(one)}</li>`).join('');
  const text = escapeXml(JSON.stringify(journal, null, 2));
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeXml(run.title)}</title><h1>${escapeXml(run.title)}</h1><ul>${items}</ul><details><summary>Journal</summary><pre>${text}</pre></details></html>`;
}
