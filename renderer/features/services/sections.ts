export { Endpoints, Instances } from './sections/endpoints.tsx';
export { Environment } from './sections/environment.tsx';
export { LogPanel } from './sections/log-panel.tsx';
export { Neighbours } from './sections/neighbours.tsx';
export { RedCards } from './sections/red-cards.tsx';
export { ServiceButtons } from './sections/service-buttons.tsx';
export { ServiceChart } from './sections/service-chart.tsx';
export { TraceRows } from './sections/trace-rows.tsx';
export { Why } from './sections/why.tsx';
