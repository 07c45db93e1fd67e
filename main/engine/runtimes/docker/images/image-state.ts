import { stripVTControlCharacters } from 'node:util';
import type { ErrorView, ImageProgress } from '../../../../contract/index.ts';
import type { ImageNeed } from './image-needs.ts';
import { withLayer } from './layers.ts';
import type { EngineMessage } from './messages.ts';

const OUTPUT_KEPT = 40;
const LONGEST_LINE = 400;
/** Docker writes `Step 4/9 : RUN npm ci`, Podman `STEP 4/9: RUN npm ci`. */
const STEP = /^step (\d+)\/(\d+)\s*: (.*)$/i;

/** An image whose turn has not come. */
export function newProgress(need: ImageNeed): ImageProgress {
  return {
    image: need.image,
    services: [...need.services],
    action: need.build === null ? 'pull' : 'build',
    state: 'waiting',
    step: null,
    layers: [],
    output: [],
    error: null,
    startedAt: null,
    endedAt: null,
  };
}

export function begun(progress: ImageProgress, nowMs: number): ImageProgress {
  const fresh = { step: null, layers: [], output: [], error: null, endedAt: null };
  return { ...progress, ...fresh, state: 'running', startedAt: new Date(nowMs).toISOString() };
}

export function ended(progress: ImageProgress, error: ErrorView | null, nowMs: number): ImageProgress {
  return { ...progress, state: error === null ? 'done' : 'failed', error, endedAt: new Date(nowMs).toISOString() };
}

/** The progress after one more message of the engine. Pure. */
export function told(progress: ImageProgress, message: EngineMessage): ImageProgress {
  const lines = (message.stream ?? (message.progressDetail || message.id ? '' : (message.status ?? ''))).split(/\r?\n/);
  const layered = { ...progress, layers: [...withLayer(progress.layers, message)] };
  return lines.map(clean).filter(Boolean).reduce(withLine, layered);
}

function withLine(progress: ImageProgress, line: string): ImageProgress {
  const output = [...progress.output, line].slice(-OUTPUT_KEPT);
  const [, number, total, text] = STEP.exec(line) ?? [];
  if (text === undefined) return { ...progress, output };
  // What a step before has pulled is there.
  return { ...progress, output, layers: [], step: { number: Number(number), total: Number(total), text } };
}

/** Without colours and cursor movements, which builds write as if to a terminal. */
function clean(line: string): string {
  return stripVTControlCharacters(line)
    .replace(/\p{Cc}/gu, ' ')
    .trimEnd()
    .slice(0, LONGEST_LINE);
}
