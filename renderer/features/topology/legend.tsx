import './legend.css';

const LINES = [
  { tone: 'none', text: 'traffic' },
  { tone: 'warn', text: '1 to 5 % errors' },
  { tone: 'error', text: 'failing, over 5 %' },
  { tone: 'fault', text: 'fault injected' },
  { tone: 'declared', text: 'no traffic in this range' },
] as const;

export function Legend() {
  return (
    <ul className="legend" aria-label="Legend">
      {LINES.map(({ tone, text }) => (
        <li key={tone}>
          <svg width="20" height="8" aria-hidden="true">
            <path className={`legend-${tone}`} d="M0 4h20" />
          </svg>
          {text}
        </li>
      ))}
    </ul>
  );
}
