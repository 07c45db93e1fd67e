/** What deciding on a home needs to know of the machine; given, so that this stays pure. */
export interface Surroundings {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's own folder. */
  readonly userDir: string;
}

/**
 * The folder that holds all that Flotilla writes: FLOTILLA_HOME, else the platform's folder for application data.
 */
export function flotillaHome({ platform, env, userDir }: Surroundings): string {
  if (env.FLOTILLA_HOME) return env.FLOTILLA_HOME;
  if (platform === 'darwin') return `${userDir}/Library/Application Support/Flotilla`;
  if (platform === 'win32') return `${env.LOCALAPPDATA ?? `${userDir}\\AppData\\Local`}\\Flotilla`;
  return `${env.XDG_DATA_HOME || `${userDir}/.local/share`}/flotilla`;
}

/** Names of the files in that folder that more than one program reads. */
export const homeFiles = { endpoint: 'engine.json', log: 'engine.log', run: 'run' } as const;

/** The exit status of an engine that found another one in its home: whoever started it waits for that one. */
export const HOME_TAKEN_STATUS = 3;
/** The exit status of an engine that had no room on the disk to start, nor to say so in its log. */
export const DISK_FULL_STATUS = 4;
/** The argument of an engine that only stops what one before it left, for which it needs no room. */
export const STOP_LEFTOVER = '--stop-leftover';
export const KEEP_DATA = '--keep-data';
