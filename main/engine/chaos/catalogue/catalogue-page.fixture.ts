import type { FaultKind, FaultParameterSpec, FaultScope } from '../../../contract/index.ts';

const HEADINGS: Readonly<Record<FaultScope, string>> = {
  edge: 'On an edge',
  service: 'On a service',
  postgres: 'In PostgreSQL',
  kafka: 'In Kafka',
  redis: 'In Redis',
};

function bounds({ type, unit, min, max, choices }: FaultParameterSpec): string {
  if (type === 'choice') return choices.map((one) => `\`${one}\``).join(' or ');
  if (type === 'text') return 'text';
  const numbers = `${min?.toLocaleString('en')} to ${max?.toLocaleString('en')}`;
  return `${type === 'integer' ? 'whole, ' : ''}${numbers}${unit === null ? '' : ` ${unit}`}`;
}

const initial = ({ default: value }: FaultParameterSpec): string =>
  value === null ? 'has to be given' : value === '' ? 'empty' : `\`${value}\``;

/** The same reason for two runtimes is said once; that there is no Kubernetes yet, not here. */
function impossible({ runtimes }: FaultKind): string[] {
  const reasons = new Map<string, string[]>();
  for (const [runtime, reason] of Object.entries(runtimes)) {
    if (reason !== null && runtime !== 'kubernetes') reasons.set(reason, [...(reasons.get(reason) ?? []), runtime]);
  }
  return [...reasons].map(([reason, names]) => `- Not on ${names.join(' and ')}: ${reason}`);
}

function section(kind: FaultKind): string {
  const rows = kind.parameters.map(
    (one) => `| \`${one.name}\` | ${bounds(one)} | ${initial(one)} | ${one.description} |`,
  );
  const table =
    rows.length === 0 ? [] : ['', '| parameter | is | unless given | |', '| --- | --- | --- | --- |', ...rows];
  const once = kind.isMoment ? ' It happens once; there is nothing to end.' : '';
  return [
    `#### ${kind.kind}`,
    '',
    `${kind.description}${once}`,
    '',
    `- Expect: ${kind.expect}`,
    ...impossible(kind),
    ...table,
  ].join('\n');
}

/** The catalogue as docs/faults.md has it. */
export function cataloguePage(catalogue: readonly FaultKind[]): string {
  const scopes = [...new Set(catalogue.map((one) => one.scope))];
  return scopes
    .map((scope) => {
      const kinds = catalogue.filter((one) => one.scope === scope);
      return [`### ${HEADINGS[scope]}`, ...kinds.map(section)].join('\n\n');
    })
    .join('\n\n');
}
