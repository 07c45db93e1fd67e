/**
 * Configuration from the environment alone. A service declares the variables it reads in one place:
 *
 *   const config = readConfig({ port: port('PORT', 7004), databaseUrl: url('DATABASE_URL') });
 *
 * A missing or wrong variable ends the service at once with one sentence for each on stderr, before it does anything.
 */
export interface Variable<T> {
  name: string;
  /** What a person is told was expected, as in "a port, 0 to 65535". */
  expected: string;
  fallback: T | undefined;
  /** The value, or undefined where the text is not what was expected. */
  parse(text: string): T | undefined;
}

type Shape = Record<string, Variable<unknown>>;
type Values<S extends Shape> = { [K in keyof S]: S[K] extends Variable<infer T> ? T : never };

/** Any text that is not empty. */
export function text(name: string, fallback?: string): Variable<string> {
  return { name, expected: 'a text that is not empty', fallback, parse: (value) => value };
}

/** A number within [min, max]. */
export function number(name: string, options: { min: number; max: number; fallback?: number }): Variable<number> {
  const { min, max, fallback } = options;
  return {
    name,
    expected: `a number from ${min} to ${max}`,
    fallback,
    parse: (value) => {
      const parsed = Number(value);
      return parsed >= min && parsed <= max ? parsed : undefined;
    },
  };
}

/** A TCP port; 0 lets the system choose. */
export function port(name: string, fallback?: number): Variable<number> {
  return {
    name,
    expected: 'a port, 0 to 65535',
    fallback,
    parse: (value) => (/^\d{1,5}$/.test(value) && Number(value) <= 65535 ? Number(value) : undefined),
  };
}

/** An absolute URL such as `http://catalog:7002` or `postgres://user:password@host:5432/name`, kept as text. */
export function url(name: string, fallback?: string): Variable<string> {
  return {
    name,
    expected: 'a URL',
    fallback,
    parse: (value) => (URL.canParse(value) ? value.replace(/\/+$/, '') : undefined),
  };
}

/** One or more `URL`s parted by commas: the replicas of one service, for client-side load balancing. */
export function urls(name: string, fallback?: string[]): Variable<string[]> {
  return {
    name,
    expected: 'URLs parted by commas',
    fallback,
    parse: (value) => {
      const parts = splitList(value).map((part) => part.replace(/\/+$/, ''));
      return parts.length > 0 && parts.every((part) => URL.canParse(part)) ? parts : undefined;
    },
  };
}

/** One `host:port`, such as a gRPC address. */
export function address(name: string, fallback?: string): Variable<string> {
  return { name, expected: 'host:port', fallback, parse: (value) => (isAddress(value) ? value : undefined) };
}

/** One or more `host:port` parted by commas, such as KAFKA_BROKERS. */
export function addresses(name: string, fallback?: string[]): Variable<string[]> {
  return {
    name,
    expected: 'host:port, several parted by commas',
    fallback,
    parse: (value) => {
      const parts = splitList(value);
      return parts.length > 0 && parts.every(isAddress) ? parts : undefined;
    },
  };
}

/** `on` or `off`. */
export function onOff(name: string, fallback?: boolean): Variable<boolean> {
  return {
    name,
    expected: 'on or off',
    fallback,
    parse: (value) => ({ on: true, off: false, true: true, false: false })[value.toLowerCase()],
  };
}

/** The values, and a sentence for each variable that is missing or wrong. Pure: for tests. */
export function parseConfig<S extends Shape>(
  shape: S,
  environment: Record<string, string | undefined>,
): { values: Values<S>; problems: string[] } {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [key, variable] of Object.entries(shape)) {
    const raw = environment[variable.name]?.trim();
    if (raw === undefined || raw === '') {
      values[key] = variable.fallback;
      if (variable.fallback === undefined)
        problems.push(`${variable.name} is not set: set it to ${variable.expected}.`);
      continue;
    }
    values[key] = variable.parse(raw);
    if (values[key] === undefined) problems.push(`${variable.name} is "${raw}": it must be ${variable.expected}.`);
  }
  return { values: values as Values<S>, problems };
}

/** The values from `process.env`; ends the process with code 1 and a sentence for each problem. */
export function readConfig<S extends Shape>(shape: S): Values<S> {
  const { values, problems } = parseConfig(shape, process.env);
  if (problems.length > 0) {
    process.stderr.write(`${problems.join('\n')}\n`);
    process.exit(1);
  }
  return values;
}

function isAddress(value: string): boolean {
  return /^[^\s:,]+:\d{1,5}$/.test(value);
}

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
