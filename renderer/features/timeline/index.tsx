export { TimelineStrip } from './timeline-strip.tsx';
