export { ImageList } from './image-list.tsx';
export { lacksImages, StartProgress } from './start-progress.tsx';
export { StartView } from './start-view.tsx';
