import { FlotillaError, type ImageProgress } from '../../../../contract/index.ts';
import { engineWords } from '../docker-errors.ts';
import { registryOf } from './image-name.ts';

const LONGEST_STEP = 200;
const LAST_LINES = 5;
const FULL = /no space left on device/i;

/** A pull's failure in the engine's words, with what to do about it. */
export function pullFailure(image: string, error: unknown): FlotillaError {
  const detail = engineWords(error);
  return new FlotillaError('IMAGE_PULL_FAILED', { image, detail, remedy: pullRemedy(image, detail) }, { cause: error });
}

function pullRemedy(image: string, words: string): string {
  const registry = registryOf(image);
  const login = registry === 'docker.io' ? 'docker login' : `docker login ${registry}`;
  if (FULL.test(words)) return 'Free some space, for instance of images that nothing uses: docker image prune';
  if (/toomanyrequests|rate limit/i.test(words)) return `Wait a while, or sign in with: ${login}`;
  if (/unauthorized|denied|no basic auth|authentication required/i.test(words)) {
    return `Check its name and tag; if it is private, sign in with: ${login}`;
  }
  if (/manifest unknown|not found|no such image|invalid reference/i.test(words)) return 'Check its name and its tag.';
  if (/no matching manifest|does not match the (specified|detected) .*platform/i.test(words)) {
    return 'Choose an image for this processor, or set platform in the file.';
  }
  return `See that this machine reaches ${registry}, or bring the image here with docker load. Then start it again.`;
}

/** A build's failure in the engine's words, with the step at which it happened and what to do, for which its last lines speak too. */
export function buildFailure(image: string, progress: ImageProgress | undefined, error: unknown): FlotillaError {
  const detail = engineWords(error);
  const step = progress?.step;
  const at = step ? ` at step ${step.number} of ${step.total} (${step.text.slice(0, LONGEST_STEP)})` : '';
  const remedy = buildRemedy([detail, ...(progress?.output ?? []).slice(-LAST_LINES)].join('\n'));
  return new FlotillaError('IMAGE_BUILD_FAILED', { image, at, detail, remedy }, { cause: error });
}

function buildRemedy(words: string): string {
  if (FULL.test(words)) return 'Free some space, for instance of images that nothing uses: docker image prune';
  if (/requires BuildKit|unknown (flag|instruction)|--mount|heredoc/i.test(words)) {
    return 'This Dockerfile needs BuildKit: build it with docker compose build, then start the fleet again.';
  }
  return 'Correct it, then start the service again; what the build wrote is in its log lines.';
}
