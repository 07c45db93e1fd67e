import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { benchDocker } from './docker.ts';
import { benchFaults } from './faults.ts';
import { budgetRatio, type Figure } from './figure.ts';
import { benchFleet } from './fleet.ts';
import { benchIngest } from './ingest.ts';
import { benchKafka } from './kafka.ts';
import { benchLinks } from './links.ts';
import { benchLogView } from './log-view.ts';
import { benchTopologyUi } from './topology-ui.ts';

/** The parts of the bench, by the name that runs it alone. */
const parts: Readonly<Record<string, () => Promise<Figure[]>>> = {
  fleet: benchFleet,
  ingest: benchIngest,
  kafka: benchKafka,
  links: benchLinks,
  faults: benchFaults,
  docker: benchDocker,
  topology: benchTopologyUi,
  logs: benchLogView,
};

const figures3 = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

function row(figure: Figure): string {
  const ratio = budgetRatio(figure);
  const budget = figure.budget === undefined ? '' : `${figures3(figure.budget)} ${figure.unit}`;
  const peer = figure.peer ? `${figures3(figure.value / figure.peer.value)} × ${figure.peer.name}` : '';
  return [
    figure.name.padEnd(64),
    `${figures3(figure.value)} ${figure.unit}`.padStart(16),
    budget.padStart(16),
    (ratio === null ? '' : `${figures3(ratio)} ${ratio >= 1 ? '✓' : '✗'}`).padStart(10),
    peer,
  ].join('  ');
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`There is no bench called ${unknown.join(', ')}. There are: ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}

console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 1e9)} GB, Node ${process.versions.node}\n`,
);
console.log([''.padEnd(64), 'figure'.padStart(16), 'budget'.padStart(16), 'ratio'.padStart(10), 'peer'].join('  '));
const all: (Figure & { part: string; ratio: number | null })[] = [];
for (const [part, run] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(part)) continue;
  for (const figure of await run()) {
    console.log(row(figure));
    all.push({ part, ...figure, ratio: budgetRatio(figure) });
  }
}
const file = join(import.meta.dirname, 'figures.json');
await writeFile(file, JSON.stringify({ atIso: new Date().toISOString(), cores: cpus().length, figures: all }, null, 2));
console.log(`\nRatio: 1 meets the budget, more is better. Written to ${file}`);
