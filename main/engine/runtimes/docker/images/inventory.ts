import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type Dockerode from 'dockerode';
import type { ImageStanding } from '../../../../contract/index.ts';
import type { FleetModel } from '../../../fleet/index.ts';
import { baseImages } from './dockerfile.ts';
import { withTag } from './image-name.ts';
import { type ImageNeed, imageNeeds } from './image-needs.ts';

/** A context on another machine: a Git address or an archive's URL. */
export const isRemote = (context: string): boolean => /^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(context);

/** How the images of a fleet stand with an engine. One that is built lacks only the images that its build starts from. */
export async function imageStandings(docker: Dockerode, model: FleetModel): Promise<ImageStanding[]> {
  const isThere = memo(async (image: string) => {
    try {
      await docker.getImage(image).inspect();
      return true;
    } catch (error) {
      if ((error as { statusCode?: unknown }).statusCode === 404) return false;
      throw error;
    }
  });
  return Promise.all(imageNeeds(model).map((need) => standingOf(need, isThere)));
}

async function standingOf(need: ImageNeed, isThere: (image: string) => Promise<boolean>): Promise<ImageStanding> {
  const { image, build } = need;
  const present = await isThere(image);
  if (build === null) return { image, action: 'pull', present, missing: present ? [] : [image] };
  const bases = present ? [] : await basesOf(build);
  const there = await Promise.all(bases.map(isThere));
  return { image, action: 'build', present, missing: bases.filter((_, n) => !there[n]) };
}

/** What cannot be read has no bases that are known: the build itself will say what is wrong. */
async function basesOf(build: NonNullable<ImageNeed['build']>): Promise<string[]> {
  const { context, dockerfile, dockerfileInline, args } = build;
  if (isRemote(context)) return [];
  const file = isAbsolute(dockerfile ?? '') ? (dockerfile ?? '') : join(context, dockerfile ?? 'Dockerfile');
  const text = dockerfileInline ?? (await readFile(file, 'utf8').catch(() => ''));
  return baseImages(text, args).map(withTag);
}

function memo<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const found = known.get(key) ?? ask(key);
    known.set(key, found);
    return found;
  };
}
