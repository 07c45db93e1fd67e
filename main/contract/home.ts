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
