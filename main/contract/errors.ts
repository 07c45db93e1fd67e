import { z } from 'zod';

/**
 * The catalogue of every error that can reach a person. An entry says what happened and what to do about it; `{name}`
 * stands for a value that the thrower gives. Codes are stable: scripts may rely on them.
 */
export const catalogue = {
  // The engine and its doors
  ENGINE_NOT_RUNNING: ['No engine is running for {home}.', 'Start one with: flotilla up'],
  ENGINE_DIED: [
    'The engine of {home} died. Its fleet may still run.',
    'Take it over with: flotilla up, or end it with: flotilla down',
  ],
  ENGINE_ALREADY_RUNNING: [
    'An engine is already running for {home} (pid {pid}).',
    'Use it as it is, or stop it first with: flotilla down',
  ],
  ENGINE_UNREACHABLE: [
    'The engine at {url} does not answer: {cause}.',
    'See whether it still runs with: flotilla doctor',
  ],
  ENGINE_FAILED: ['The engine did not start: {detail}', 'Read its log: {log}'],
  ENGINE_VERSION: [
    'The engine runs version {engine}, this program is version {client}.',
    'Stop it with: flotilla down, then start it again.',
  ],
  UNAUTHORIZED: [
    'This request carries no valid token.',
    'Open the console by the address that flotilla prints; it carries the token.',
  ],
  FORBIDDEN_ORIGIN: ['Requests from {origin} are refused.', 'Open the console from the address that flotilla prints.'],
  FORBIDDEN_HOST: [
    'Requests for the host {host} are refused.',
    'Use 127.0.0.1 or localhost and the port that flotilla prints.',
  ],
  BAD_REQUEST: ['The request is not understood: {detail}.', 'Correct the value that is named and send it again.'],
  NOT_FOUND: ['There is no {what} called {name}.', 'List what there is, or check the spelling.'],
  INTERNAL: [
    'Something in Flotilla broke: {detail}.',
    'The engine goes on. Please report it with the log that flotilla doctor names.',
  ],
  NOT_WRITABLE: [
    '{path} cannot be read or written ({code}).',
    'Give yourself the right to it, or set FLOTILLA_HOME to a folder that you may write to.',
  ],
  DISK_FULL: [
    'The disk that holds {path} is full.',
    'Free some space; telemetry is dropped until then, what is stored stays.',
  ],
  PORT_TAKEN: [
    'Port {port} on 127.0.0.1 is taken{holder}.',
    'Stop what holds it, or choose another port for {service}.',
  ],

  // Fleet files
  FLEET_FILE_MISSING: ['There is no file {file}.', 'Give the path of a compose.yaml.'],
  FLEET_FILE_INVALID: ['{file}:{line}:{column}: {detail}.', 'Expected {expected}.'],
  FLEET_CYCLE: [
    '{file}:{line}:{column}: services wait for each other: {cycle}.',
    'Remove one of these depends_on entries.',
  ],
  FLEET_VARIABLE: [
    '{file}:{line}:{column}: the variable {variable} {problem}.',
    'Set it in the environment or in .env, or give a default: ${{variable}:-value}',
  ],
  FLEET_NOT_LOADED: ['No fleet is started.', 'Start one with: flotilla up [FILE]'],
  FLEET_BUSY: ['The fleet is {state}.', 'Wait until that is done, then try again.'],
  FLEET_OTHER: ['The fleet {running} is already running.', 'Stop it with: flotilla down, then start the other one.'],
  FLEET_OTHER_RUNTIME: [
    'The fleet {running} is already running, on {runtime}.',
    'To run it on {asked}, stop it first with: flotilla down',
  ],

  FLEET_ATTACHED: [
    'Flotilla is attached to {running}, which runs on its own.',
    'Detach with: flotilla down, which stops nothing of it. Then start the other one.',
  ],
  ATTACH_UNKNOWN: ['There is no {what} called {name} to attach to.', 'There is: {known}. See: flotilla attach'],
  CONTAINER_GONE: [
    'The container of {service} is gone.',
    'Start it with what it was started with, such as docker compose up; it then appears by itself.',
  ],

  // Images
  CONTAINER_REFUSED: [
    'The container engine refused {what}: {detail}.',
    'Correct what it names in the fleet file, then start it again; flotilla doctor tells more about the engine.',
  ],
  LEFT_BEHIND: [
    'The container engine did not let go of the {kind} {name}: {detail}.',
    'Remove it with: docker {kind} rm {name}. Where that is refused too, the engine has lost count: restart it first.',
  ],
  PROJECT_TAKEN: [
    'There are containers of a project {project} already, which this fleet did not start: {containers}.',
    'Remove them with: docker compose -p {project} down, or look at them with: flotilla attach {project}',
  ],
  IMAGE_PULL_FAILED: ['The image {image} could not be pulled: {detail}.', '{remedy}'],
  IMAGE_BUILD_FAILED: ['The image {image} could not be built{at}: {detail}.', '{remedy}'],
  IMAGE_MISSING: [
    'The image {image} is not there, and the file says that it is not to be pulled.',
    'Pull it with: docker pull {image}, or change pull_policy.',
  ],
  BUILD_FOLDER_MISSING: [
    'The folder {folder} that {service} is to be built from does not exist.',
    'Correct build in {file}, then start the service again.',
  ],
  DOCKERFILE_MISSING: [
    'There is no {path} to build {service} with.',
    'Write it, or correct build.dockerfile in {file}, then start the service again.',
  ],

  // Services
  SERVICE_UNKNOWN: ['There is no service called {service}.', 'The fleet has: {known}'],
  SERVICE_NOT_RUNNABLE: [
    '{service} cannot run as a local process: {detail}.',
    'Give it a build folder that exists and a command, or x-flotilla.process: see docs/compose.md.',
  ],
  SERVICE_COMMAND_MISSING: [
    '{service} did not start: the command {command} was not found.',
    'Install it, or correct the command in {file}.',
  ],
  SERVICE_EXITED: [
    '{service} exited with code {exitCode}{signal} after {uptime}.',
    'Read its last log lines: flotilla logs {service}',
  ],
  SERVICE_NEVER_HEALTHY: [
    '{service} is not healthy after {seconds} s: {detail}.',
    'Read its last log lines: flotilla logs {service}',
  ],
  SERVICE_NOT_RUNNING: ['{service} is not running.', 'Start it with: flotilla start {service}'],
  RUNTIME_UNAVAILABLE: ['The {runtime} runtime cannot be used: {detail}.', '{remedy}'],
  RUNTIME_CANNOT: ['The {runtime} runtime cannot {action}: {detail}.', '{remedy}'],

  // Telemetry
  QUERY_SYNTAX: ['The search is not understood at character {position} ("{word}"): {detail}.', '{hint}'],
  STORE_DAMAGED: [
    'The telemetry of this run could not be read: {detail}.',
    'It was put aside as {path}; a new file is in use.',
  ],
  TELEMETRY_RESTARTING: [
    'The telemetry store is starting again after a failure.',
    'Try again in a second; what is stored is not lost.',
  ],
  TRACE_UNKNOWN: [
    'There is no trace {traceId} in this run.',
    'It may be older than what is kept, or not have arrived yet.',
  ],
  OTLP_INVALID: ['The OTLP body is not valid: {detail}.', "Check the exporter's protocol and content type."],
  OTLP_TOO_LARGE: ['The OTLP body is larger than {limit}.', 'Let the exporter send smaller batches.'],

  // Kafka
  KAFKA_NONE: ['This fleet has no Kafka broker that can be reached.', 'Start a fleet that has one.'],
  KAFKA_UNREACHABLE: [
    'The Kafka broker at {address} does not answer: {cause}.',
    'See the state of {service} under Services.',
  ],
  KAFKA_TOPIC_UNKNOWN: ['There is no topic called {topic}.', 'The broker has: {known}'],

  // Links
  LINKS_FAILED: [
    'The links program did not start: {detail}.',
    'Faults on edges are not possible until it runs. See what it says, and start the fleet again.',
  ],
  LINKS_UNREACHABLE: [
    'The links program at {url} does not answer: {cause}.',
    'It is started again by itself; try again in a moment.',
  ],
  LINKS_REFUSED: ['The links program refuses: {detail}.', 'Correct what is named and try again.'],

  // Looking into databases, caches and queues
  PEEK_NONE: [
    '{service} is no {kind} that can be looked into.',
    'Name a service with the image of PostgreSQL, Redis or RabbitMQ (with its management plugin).',
  ],
  PEEK_UNREACHABLE: ['{service} at {address} does not answer: {cause}.', 'See its state under Services.'],
  PEEK_REFUSED: ['{service} refused to be looked into: {cause}.', '{remedy}'],
  PEEK_FULL: [
    '{service} takes no more connections, as every one is in use: {cause}.',
    'Where a fault such as postgres-connections takes them, end it: flotilla fault list. Else let its clients hold fewer.',
  ],

  // Faults
  SERVICE_HELD: [
    '{service} is kept stopped by a fault.',
    'Take the fault off, or wait until it ends: flotilla fault list',
  ],
  SERVICE_HELD_PAUSED: ['{service} is held paused by the fault {fault}.', 'End it with: flotilla fault remove {fault}'],
  FAULT_GONE: ['There is no fault {id}; it may have ended.', 'See which are on: flotilla fault list'],
  FAULT_UNKNOWN: ['There is no fault called {kind}.', 'There are: {known}'],
  FAULT_TARGET: ['The fault {kind} cannot be put there: {detail}.', 'It can be put on: {possible}'],
  FAULT_TARGET_TEXT: [
    '{target} is nothing that a fault could be put on.',
    'Write an edge as orders->payments, orders:payments or orders:payments:7106, a service as orders, a copy as orders-2.',
  ],
  FAULT_PARAMETER: ['The fault {kind} cannot be like this: {detail}.', 'Expected {expected}.'],
  MEMORY_IN_USE: [
    '{instance} cannot be limited to {limit} MB of memory: it uses {used}.',
    'Choose more megabytes, such as {enough}.',
  ],
  FAULT_STAYS: [
    'The fault {id} could not be taken off yet: {problem}',
    'It is tried again until it is off: flotilla fault list',
  ],
  FAULT_IMPOSSIBLE: ['The {runtime} runtime cannot do the fault {kind}.', '{reason}'],
  FAULTS_BLOCKED: ['Faults were stopped, and no new ones are put on.', 'Release them with: flotilla fault release'],

  // Experiments
  MEASURE_NOT_MET: ['{summary}', 'That is beyond what was asked; see the topology and the timeline at this time.'],
  EXPERIMENT_INVALID: ['{file}:{line}:{column}: {detail}.', 'Expected {expected}.'],
  EXPERIMENT_VARIABLE: [
    'The experiment needs the environment variable {variable} for {key}.',
    'Set it, or give the key a default.',
  ],
  EXPERIMENT_RUNNING: [
    'The experiment {title} is running.',
    'Wait until it has ended, or end it with: flotilla experiment abort',
  ],
  EXPERIMENT_NONE: ['No experiment is running.', 'Start one with: flotilla experiment run FILE'],
  EXPERIMENT_EXISTS: ['There is an experiment called {name} already.', 'Choose another name, or change that one.'],

  // The console
  CONSOLE_FAILED: [
    'The console cannot be shown: {detail}.',
    'Close the window and start it again, or open the address that flotilla prints in a browser.',
  ],
  CLIPBOARD_REFUSED: [
    'The browser did not let the console copy: {cause}.',
    'Allow the clipboard for this page, or select the text and copy it by hand.',
  ],

  // Terminals
  TERMINAL_UNKNOWN: ['This terminal has ended.', 'Open a new one.'],
} as const satisfies Record<string, readonly [what: string, remedy: string]>;

export type ErrorCode = keyof typeof catalogue;

/** An error as it travels: its code, what happened, what to do, and the values it was made of. */
export const ErrorView = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
});
export type ErrorView = z.infer<typeof ErrorView>;

/** What a schema refused, in a clause: each value by its path, and what was expected of it. */
export function issueText(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('; ');
}

type Details = Readonly<Record<string, string | number>>;

function fill(template: string, details: Details): string {
  return template.replace(/\{([a-zA-Z]+)\}/g, (whole, name: string) => {
    const value = details[name];
    return value === undefined ? whole : String(value);
  });
}

/** The one error class that is meant to be shown: everything else that is thrown is a defect and becomes INTERNAL. */
export class FlotillaError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly details: Details;

  constructor(code: ErrorCode, details: Details = {}, options?: ErrorOptions) {
    const [what, remedy] = catalogue[code];
    super(fill(what, details), options);
    this.name = 'FlotillaError';
    this.code = code;
    this.remedy = fill(remedy, details);
    this.details = details;
  }

  /** The error that another process reported, as it was told there (its catalogue may be newer than ours). */
  static fromView(view: ErrorView): FlotillaError {
    const code = view.code in catalogue ? (view.code as ErrorCode) : 'INTERNAL';
    const error = new FlotillaError(code, view.details);
    error.message = view.message;
    return Object.assign(error, { remedy: view.remedy });
  }

  toView(): ErrorView {
    return { code: this.code, message: this.message, remedy: this.remedy, details: { ...this.details } };
  }
}

/** Codes of Node's file system errors that say that a folder is not ours to write in. */
const NOT_WRITABLE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST']);

/**
 * Any thrown value as an ErrorView. Whatever writes can find the disk full or a folder closed to it, which is said as such;
 * what else is not a FlotillaError is reported as INTERNAL with its message.
 */
export function toErrorView(thrown: unknown): ErrorView {
  if (thrown instanceof FlotillaError) return thrown.toView();
  const { code, path, syscall } = (thrown ?? {}) as { code?: unknown; path?: unknown; syscall?: unknown };
  const isFile = typeof path === 'string';
  if (code === 'ENOSPC') return new FlotillaError('DISK_FULL', { path: isFile ? path : 'FLOTILLA_HOME' }).toView();
  // Node reports ENOENT where the parent of a folder that is to be made is read-only.
  const isClosed = typeof code === 'string' && (NOT_WRITABLE.has(code) || (code === 'ENOENT' && syscall === 'mkdir'));
  if (isFile && isClosed) return new FlotillaError('NOT_WRITABLE', { path, code }).toView();
  // The message of such an error is JSON, which is for programs.
  if (thrown instanceof z.ZodError) return new FlotillaError('INTERNAL', { detail: issueText(thrown) }).toView();
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return new FlotillaError('INTERNAL', { detail }).toView();
}
