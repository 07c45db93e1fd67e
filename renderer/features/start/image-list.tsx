import { type ImageProgress, pullPercent } from '../../../main/contract/index.ts';
import { CopyButton, plural, StateShape, type Tone } from '../../ui/index.ts';
import './start.css';

const TONES: Readonly<Record<ImageProgress['state'], Tone>> = {
  waiting: 'idle',
  running: 'busy',
  done: 'ok',
  failed: 'error',
};

/** How the images come to be that a fleet waits for: pulls with their layers, builds with their step, failures in full. */
export function ImageList({ images }: { images: readonly ImageProgress[] }) {
  const open = images.filter((one) => one.state !== 'done');
  if (open.length === 0) return null;
  const failed = open.filter((one) => one.state === 'failed').length;
  const parts = [
    failed > 0 && `${plural(failed, 'image')} could not be had`,
    open.length > failed && `${plural(open.length - failed, 'image')} to come`,
    images.length > open.length && `${images.length - open.length} there`,
  ];
  return (
    <section className="image-list" aria-label="Images">
      <h3>{parts.filter(Boolean).join(', ')}</h3>
      <ul>
        {open.map((image) => (
          <Image key={image.image} image={image} />
        ))}
      </ul>
    </section>
  );
}

function Image({ image }: { image: ImageProgress }) {
  const percent = percentOf(image);
  return (
    <li>
      <div className="image-line">
        <StateShape tone={TONES[image.state]} label={image.state} size={10} />
        <b className="truncate">{image.image}</b>
        <span className="muted truncate">{wordsOf(image)}</span>
      </div>
      {image.state === 'running' && (
        <div
          className="start-progress-bar"
          role="progressbar"
          aria-label={`${image.action === 'pull' ? 'Pull' : 'Build'} of ${image.image}`}
          aria-valuemin={0}
          aria-valuemax={100}
          {...(percent === null ? {} : { 'aria-valuenow': percent })}
        >
          <span style={{ width: `${percent ?? 0}%` }} />
        </div>
      )}
      {image.state === 'failed' && <Failure image={image} />}
    </li>
  );
}

/** Of the layers while they are pulled, else of the steps; null while neither is known. */
function percentOf({ layers, step, action }: ImageProgress): number | null {
  const pulled = layers.length === 0 ? null : pullPercent(layers);
  if (action === 'pull' || step === null) return pulled;
  return step.total === 0 ? null : Math.floor((100 * (step.number - 1)) / step.total);
}

function wordsOf(image: ImageProgress): string {
  const waits = image.services.length > 0 ? ` · for ${image.services.join(', ')}` : '';
  if (image.state === 'waiting') return `waits for its turn${waits}`;
  if (image.state === 'failed') return image.action === 'pull' ? 'could not be pulled' : 'could not be built';
  if (image.state === 'done') return 'is there';
  if (image.step) return `step ${image.step.number} of ${image.step.total}: ${image.step.text}`;
  const done = image.layers.filter((layer) => layer.state === 'done').length;
  if (image.layers.length === 0) return image.action === 'pull' ? `asking the registry${waits}` : `building${waits}`;
  return `${done} of ${plural(image.layers.length, 'layer')}${waits}`;
}

/** What the container engine said: the sentence, and its own last lines to copy. */
function Failure({ image: { error, output, step } }: { image: ImageProgress }) {
  const lines = output.join('\n');
  return (
    <div className="image-failure" role="alert">
      <p>
        {step && `In step ${step.number} of ${step.total}, ${step.text}: `}
        {error?.message ?? 'The container engine gave no reason.'} <span className="muted">{error?.remedy}</span>
      </p>
      {lines !== '' && (
        <div className="image-output">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
          <pre tabIndex={0}>{lines}</pre>
          <CopyButton text={`${error?.message ?? ''}\n${lines}`} what="what the engine wrote" />
        </div>
      )}
    </div>
  );
}
