export { StartProgress } from './start-progress.tsx';
export { StartView } from './start-view.tsx';
