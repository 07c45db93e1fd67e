export { ActiveFaults } from './active-fault.tsx';
export { BreakPanel } from './break-panel.tsx';
