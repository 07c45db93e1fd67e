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
  /** Of the command line: `-c max_connections=300`. */
  readonly configuration: Readonly<Record<string, string>>;
  /** Words of the command line that have no effect. */
  readonly ignored: readonly string[];
}

/** Where the server listens, how its log reads and who it is are this program's own matter. */
const NOT_FROM_OUTSIDE =
  /^(port|listen_addresses|unix_socket_.*|cluster_name|log_destination|log_line_prefix|logging_collector|lc_messages|data_directory|.*_file)$/;

/** The settings in a `postgres` command line: `-c name=value` and `--name=value`. */
function readConfiguration(words: readonly string[]): Pick<Settings, 'configuration' | 'ignored'> {
  const configuration: Record<string, string> = {};
  const ignored: string[] = [];
  for (let index = words[0] === 'postgres' ? 1 : 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const isPair = word === '-c' && index + 1 < words.length;
    const text = isPair ? (words[index + 1] ?? '') : word.replace(/^(--|-c)/, '');
    if (isPair) index += 1;
    const match = /^([A-Za-z_.][\w.-]*)=(.*)$/s.exec(text);
    const name = match?.[1]?.toLowerCase().replaceAll('-', '_') ?? '';
    if (!match || (!isPair && text === word) || NOT_FROM_OUTSIDE.test(name)) ignored.push(isPair ? `-c ${text}` : word);
    else configuration[name] = match[2] ?? '';
  }
  return { configuration, ignored };
}

/** @throws Error with a sentence */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  words: readonly string[],
): Settings {
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
    ...readConfiguration(words),
  };
}
