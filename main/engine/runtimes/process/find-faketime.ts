import { existsSync } from 'node:fs';

/** How Debian names the folder of a processor's libraries, by Node's name of it. */
const MULTIARCH: Readonly<Record<string, string>> = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
  arm: 'arm-linux-gnueabihf',
  ppc64: 'powerpc64le-linux-gnu',
  riscv64: 'riscv64-linux-gnu',
  s390x: 's390x-linux-gnu',
};

/** The one for programs with threads first, where there are two. */
const NAMES = ['libfaketimeMT.so.1', 'libfaketime.so.1'] as const;

/**
 * The library of libfaketime, as FLOTILLA_LIBFAKETIME names it or as the packages of Debian, Fedora, Arch and Alpine and its own
 * `make install` put it; null where it is not.
 */
export function findFaketime(
  environment: NodeJS.ProcessEnv = process.env,
  exists: (path: string) => boolean = existsSync,
): string | null {
  const named = environment.FLOTILLA_LIBFAKETIME ?? '';
  if (named !== '') return exists(named) ? named : null;
  const multiarch = MULTIARCH[process.arch];
  const folders = [
    ...(multiarch === undefined ? [] : [`/usr/lib/${multiarch}`]),
    '/usr/lib64',
    '/usr/lib',
    '/usr/local/lib',
  ];
  const paths = folders.flatMap((folder) => NAMES.map((name) => `${folder}/faketime/${name}`));
  return paths.find(exists) ?? null;
}
