import { type ImageProgress, pullPercent } from '../contract/index.ts';
import { formatMs } from './format.ts';
import { note, paint } from './output.ts';

/** How seldom a line is written about the same image where lines cannot be written over. */
const SELDOM_MS = 3000;
const PERCENT_STEP = 25;

type Screen = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;

/**
 * How the images of a fleet come to be: on a terminal a line for each that is under way, written over as it goes on, at the
 * end of what is written; elsewhere a line now and then. What is done is told once.
 */
export class ImageLines {
  readonly #screen: Screen;
  readonly #told = new Map<string, { key: string; atMs: number }>();
  #drawn = 0;

  constructor(screen: Screen = process.stderr) {
    this.#screen = screen;
  }

  /** Writes what is new; `others` writes lines of its own meanwhile, which stay above. */
  show(images: readonly ImageProgress[], nowMs: number, others: () => void = () => {}): void {
    this.#erase();
    others();
    for (const image of images) this.#tell(image, nowMs);
    if (this.#screen.isTTY) this.#draw(images.filter((one) => one.state === 'running'));
  }

  #tell(image: ImageProgress, nowMs: number): void {
    const key = keyOf(image, this.#screen.isTTY);
    const before = this.#told.get(image.image);
    if (key === null || before?.key === key) return;
    const isEnd = image.state !== 'running';
    if (!isEnd && before !== undefined && nowMs - before.atMs < SELDOM_MS) return;
    this.#told.set(image.image, { key, atMs: nowMs });
    note(`  ${lineOf(image, this.#screen as NodeJS.WriteStream)}`);
  }

  #draw(running: readonly ImageProgress[]): void {
    const width = (this.#screen.columns ?? 80) - 1;
    for (const image of running) this.#screen.write(`${`  ${plainLine(image)}`.slice(0, width)}\n`);
    this.#drawn = running.length;
  }

  #erase(): void {
    // CSI A moves up, CSI J clears to the end of the screen (ECMA-48).
    if (this.#drawn > 0) this.#screen.write(`\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }
}

/** What has to differ for another line; null where nothing is to be told. */
function keyOf({ state, startedAt, step, layers }: ImageProgress, isTTY: boolean): string | null {
  // What has failed is told of each service that it was for.
  if (state === 'waiting' || state === 'failed' || (state === 'running' && isTTY)) return null;
  if (state === 'done') return `done ${startedAt}`;
  const percent = pullPercent(layers) ?? 0;
  return step === null ? `pull ${Math.floor(percent / PERCENT_STEP)}` : `step ${step.number}`;
}

function lineOf(image: ImageProgress, screen: NodeJS.WriteStream): string {
  const { state, startedAt, endedAt, action } = image;
  if (state !== 'done') return plainLine(image);
  const took = startedAt === null || endedAt === null ? 0 : Date.parse(endedAt) - Date.parse(startedAt);
  const done = action === 'build' ? 'built' : 'pulled';
  return `${paint('green', '✓', screen)} ${image.image} ${done} ${paint('grey', formatMs(took), screen)}`;
}

function plainLine({ image, action, step, layers }: ImageProgress): string {
  const percent = pullPercent(layers);
  const pulled = percent === null ? '' : ` ${percent} %`;
  if (action === 'pull') return `↓ ${image} is being pulled${pulled}`;
  if (step === null) return `+ ${image} is being built${pulled}`;
  return `+ ${image} is being built: step ${step.number} of ${step.total}${pulled}: ${step.text}`;
}
