import type { ImageLayer } from '../../../../contract/index.ts';
import type { EngineMessage } from './messages.ts';

const LAYERS_KEPT = 200;

/** What the engine says happens to a layer, as Docker's own words have it. */
const STATES: Readonly<Record<string, ImageLayer['state']>> = {
  'Pulling fs layer': 'waiting',
  Waiting: 'waiting',
  Downloading: 'downloading',
  'Verifying Checksum': 'downloading',
  'Download complete': 'downloading',
  Extracting: 'extracting',
  'Pull complete': 'done',
  'Already exists': 'done',
};

/** The layers of a pull after one more message. Pure. */
export function withLayer(layers: readonly ImageLayer[], message: EngineMessage): readonly ImageLayer[] {
  const { id, status = '', progressDetail } = message;
  const state = STATES[status];
  // `Pulling from library/redis` carries the tag as its id.
  if (id === undefined || state === undefined) return layers;
  const known = layers.find((one) => one.id === id);
  const totalBytes = progressDetail?.total ?? known?.totalBytes ?? null;
  const ended = state === 'done' || status === 'Download complete';
  const currentBytes = ended ? totalBytes : (progressDetail?.current ?? known?.currentBytes ?? null);
  const layer = { id, state, currentBytes, totalBytes };
  if (known !== undefined) return layers.map((one) => (one.id === id ? layer : one));
  return layers.length < LAYERS_KEPT ? [...layers, layer] : layers;
}
