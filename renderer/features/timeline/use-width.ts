export { useWidth } from '../../ui/use-width.ts';
