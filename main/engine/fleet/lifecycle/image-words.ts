import { type ImageProgress, pullPercent } from '../../../contract/index.ts';

const COARSE = 10;

/** How a service's image comes to be, as a sentence; null when there is nothing to wait for. Says something new now and then only. */
export function imageWords(progress: ImageProgress | undefined): string | null {
  if (progress === undefined || progress.state === 'done' || progress.state === 'failed') return null;
  const doing = progress.action === 'build' ? 'built' : 'pulled';
  if (progress.state === 'waiting') return `Its image ${progress.image} is to be ${doing} as soon as others are.`;
  const { step } = progress;
  if (step !== null) return `Its image is being built: step ${step.number} of ${step.total}.`;
  const percent = pullPercent(progress.layers);
  if (percent === null || progress.action === 'build') return `Its image ${progress.image} is being ${doing}.`;
  return `Its image is being pulled: ${Math.floor(percent / COARSE) * COARSE} % of ${progress.image} is there.`;
}
