/** What the program is told by its environment: the variables of the public Postgres image, and those of Flotilla. */
export interface Settings {
  /** Where to listen on 127.0.0.1; 0: any free port. */
  readonly port: number;
  /** Null: the data ends with the program. */
  readonly dataDir: string | null;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Everyone on this machine is let in without a password: POSTGRES_HOST_AUTH_METHOD=trust. */
  readonly trustsAll: boolean;
  /** A folder of scripts to run once, after the first start. */
  readonly initDir: string | null;
}

/** Throws an Error with a sentence. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const port = Number(environment.PORT ?? '0');
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`PORT is ${environment.PORT}, which is no port`);
  const user = environment.POSTGRES_USER || 'postgres';
  return {
    port,
    dataDir: environment.DATA_DIR || null,
    user,
    password: environment.POSTGRES_PASSWORD || 'postgres',
    database: environment.POSTGRES_DB || user,
    trustsAll: environment.POSTGRES_HOST_AUTH_METHOD === 'trust',
    initDir: environment.INITDB_DIR || null,
  };
}
