import type { ApiOutput, ExperimentResult, ReportFormat } from '../../../contract/index.ts';
import { renderHtml } from './render-html.ts';
import { renderJunit } from './render-junit.ts';

type File = ApiOutput<'experiment.report'>;

/** The result of a run as a file: for people, for programs, for Chaos Toolkit's, for continuous integration. */
export function renderReport(result: ExperimentResult, format: ReportFormat): File {
  const name = `${slug(result.run.title)}-${result.run.startedAt.slice(0, 19).replaceAll(':', '')}`;
  switch (format) {
    case 'html':
      return { fileName: `${name}.html`, mediaType: 'text/html', text: renderHtml(result) };
    case 'json':
      return { fileName: `${name}.json`, mediaType: 'application/json', text: pretty(result) };
    case 'journal':
      return { fileName: `${name}.journal.json`, mediaType: 'application/json', text: pretty(result.journal) };
    case 'junit':
      return { fileName: `${name}.junit.xml`, mediaType: 'application/xml', text: renderJunit(result) };
  }
}

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function slug(title: string): string {
  const words = title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return words.replace(/^-+|-+$/g, '').slice(0, 60) || 'experiment';
}
