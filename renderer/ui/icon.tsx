import './icon.css';

/** Line icons on a 24 px grid, drawn for Flotilla. */
const PATHS = {
  topology:
    'M7.4 12a2.4 2.4 0 1 1-4.8 0 2.4 2.4 0 0 1 4.8 0zM20.4 5a2.4 2.4 0 1 1-4.8 0 2.4 2.4 0 0 1 4.8 0zM20.4 19a2.4 2.4 0 1 1-4.8 0 2.4 2.4 0 0 1 4.8 0zM7.2 11l8.6-5M7.2 13l8.6 5',
  services:
    'M5.5 4h13A1.5 1.5 0 0 1 20 5.5v3a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 8.5v-3A1.5 1.5 0 0 1 5.5 4zM5.5 14h13a1.5 1.5 0 0 1 1.5 1.5v3a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 18.5v-3A1.5 1.5 0 0 1 5.5 14zM8 7h.01M8 17h.01',
  logs: 'M4 6h16M4 10h11M4 14h14M4 18h8',
  traces: 'M3 6h9M8 11h10M13 16h8M3 20h5',
  metrics: 'M4 19V5M4 19h16M7 15l4-5 3 3 5-7',
  kafka: 'M4 5h10M4 5v4h10V5M14 7h6M4 13h16v4H4zM8 13v4M12 13v4M16 13v4M4 21h8',
  database:
    'M5 6c0-1.7 3.1-3 7-3s7 1.3 7 3-3.1 3-7 3-7-1.3-7-3zM5 6v12c0 1.7 3.1 3 7 3s7-1.3 7-3V6M5 12c0 1.7 3.1 3 7 3s7-1.3 7-3',
  terminal: 'M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM7 9.5l3 2.5-3 2.5M12.5 15h4.5',
  search: 'M17 10.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0zM20 20l-4.6-4.6',
  close: 'M6 6l12 12M18 6L6 18',
  more: 'M12 4.6v.8M12 11.6v.8M12 18.6v.8',
  copy: 'M9 9h10a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zM16 9V5a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h3',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  external: 'M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9',
  restart: 'M19 12a7 7 0 1 1-2.2-5.1M20 3.5v4.2h-4.2',
  stop: 'M7 7h10v10H7z',
  play: 'M8 5.5v13l10.5-6.5z',
  pause: 'M9 6v12M15 6v12',
  chaos: 'M13.5 2.5 5 13.5h6L9.5 21.5 19 10h-6.2z',
  kill: 'M13 3 5 13.5h5.5L10 21l8.5-11H13z',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM15 12a3 3 0 1 1-6 0 3 3 0 0 1 6 0z',
  'eye-off':
    'M4 4l16 16M9.9 5.8A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-3 3.7M6.2 7.6A16 16 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4-1M9.9 9.9a3 3 0 0 0 4.2 4.2',
  fit: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  tidy: 'M4 5h5v5H4zM15 5h5v5h-5zM15 14h5v5h-5zM9 7.5h6M12 7.5v9h3',
  theme: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 3.5v17M12 8h7.5M12 12h8.5M12 16h7.5',
  keyboard:
    'M3.5 6.5h17a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-17a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zM6 10h.01M9 10h.01M12 10h.01M15 10h.01M18 10h.01M8 14h8',
  'arrow-right': 'M5 12h14M13 6l6 6-6 6',
  'arrow-left': 'M19 12H5M11 6l-6 6 6 6',
  'chevron-down': 'M6 9.5l6 6 6-6',
  'chevron-right': 'M9.5 6l6 6-6 6',
  clock: 'M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0zM12 7v5l3.5 2',
  warning: 'M12 4 2.8 19.5h18.4zM12 10v4.5M12 17h.01',
  filter: 'M4 6h16M7 12h10M10 18h4',
  down: 'M12 5v13M6 12.5l6 6 6-6',
  send: 'M4 12l16-8-6 16-3-7z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
