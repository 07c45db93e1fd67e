import type { FaultKind, FaultParameterSpec } from '../../../contract/index.ts';
import { choice, milliseconds, percent, text, whole } from './parameters.ts';

const EVERYWHERE: FaultKind['runtimes'] = {
  process: null,
  docker: null,
  kubernetes: 'Fleets do not run on Kubernetes yet.',
};

const edge = (
  kind: string,
  title: string,
  description: string,
  parameters: readonly FaultParameterSpec[],
  expect: string,
): FaultKind => ({
  kind,
  title,
  description,
  scope: 'edge',
  parameters: [...parameters],
  runtimes: EVERYWHERE,
  expect,
  isMoment: false,
});

const stream = choice(
  'stream',
  'Direction',
  ['downstream', 'upstream'],
  'downstream: what the callee answers; upstream: what the caller sends.',
);

/** Which requests a fault of HTTP and gRPC is for; all that are left empty match everything. */
const matching = [
  percent('requests'),
  text('method', 'Method', '', 'Only requests with this method. Of gRPC every call is a POST.'),
  text(
    'path',
    'Path',
    '',
    'Only paths like this: * stands for any text without a slash, ** for any text; or ~ and a regular expression, without ' +
      'look-around, back references and counts beyond 16. The first 1,024 characters count, without the query.',
  ),
  text('header', 'Header', '', 'Only requests with this header, as name or name: value; * stands for any text.'),
  text(
    'attribute',
    'Attribute',
    '',
    'Only requests with this entry in their W3C baggage, which travels with a trace, as name or name=value; * stands for any text.',
  ),
];

/** Faults in the way between two services, by the link that every call passes. */
export const edgeFaults: readonly FaultKind[] = [
  edge(
    'latency',
    'Latency',
    'Delays every piece of data.',
    [
      milliseconds('latencyMs', 'Latency', 1000, 'How long data is held.'),
      milliseconds('jitterMs', 'Jitter', 0, 'Up to this much more or less, at random.'),
      percent('connections'),
      stream,
    ],
    'Callers answer within their own deadlines: they time out, retry with backoff, and open their circuit breaker before their own callers wait.',
  ),
  edge(
    'bandwidth',
    'Bandwidth',
    'Lets through no more than a rate.',
    [
      whole(
        'rateKBps',
        'Rate',
        { unit: 'KB/s', min: 1, max: 1_000_000, default: 16 },
        'Kilobytes (1,000 bytes) a second.',
      ),
      percent('connections'),
      stream,
    ],
    'Large answers get slow and small ones stay quick; pools do not fill up with those that wait.',
  ),
  edge(
    'hang',
    'Hang',
    'Swallows all data: the connection stays open and nothing comes.',
    [percent('connections'), stream],
    'Callers give up by a timeout of their own. One that has none hangs for as long as the fault lasts.',
  ),
  edge(
    'reset',
    'Connection reset',
    'Breaks connections off with a TCP reset.',
    [milliseconds('afterMs', 'After', 0, 'How long a connection works before.'), percent('connections')],
    'Callers retry what is safe to repeat, on a new connection, and report what is not.',
  ),
  edge(
    'refuse',
    'Connection refused',
    'Refuses new connections and closes those that are open, as if the callee were gone.',
    [],
    'Callers fail fast, say which dependency is down, and come back by themselves when it does.',
  ),
  edge(
    'slow-close',
    'Slow close',
    'Holds back the end of a connection.',
    [milliseconds('delayMs', 'Delay', 1000, 'How long the end is held back.'), percent('connections'), stream],
    'Pools do not run out of connections that are about to close.',
  ),
  edge(
    'slice',
    'Slicing',
    'Cuts data into small pieces with pauses between them.',
    [
      whole('sizeBytes', 'Size', { unit: 'B', min: 1, max: 1_000_000, default: 64 }, 'Of a piece, on average.'),
      whole(
        'variationBytes',
        'Variation',
        { unit: 'B', min: 0, max: 1_000_000, default: 0 },
        'By how much sizes differ.',
      ),
      whole('delayUs', 'Pause', { unit: 'µs', min: 0, max: 60_000_000, default: 1000 }, 'Between two pieces.'),
      percent('connections'),
      stream,
    ],
    'Readers put messages together from however many pieces they come in.',
  ),
  edge(
    'limit-data',
    'Data limit',
    'Closes a connection after so many bytes.',
    [
      whole('bytes', 'Bytes', { unit: 'B', min: 0, max: 1e12, default: 1000 }, 'Counted for each connection.'),
      percent('connections'),
      stream,
    ],
    'A broken answer is an error to the caller, never half an answer that is taken for whole.',
  ),
  edge(
    'http-abort',
    'Error answer',
    'Answers requests with an error in the callee’s place.',
    [
      whole('status', 'HTTP status', { min: 200, max: 599, default: 503 }, 'Of HTTP answers.'),
      whole(
        'grpcStatus',
        'gRPC status',
        { min: -1, max: 16, default: -1 },
        '-1: the one that stands for the HTTP status.',
      ),
      text('body', 'Body', '', 'Of the answer.'),
      ...matching,
    ],
    'Callers retry what the status allows, count it towards their circuit breaker and degrade instead of failing as a whole.',
  ),
  edge(
    'http-delay',
    'Delayed requests',
    'Holds single requests, and none of those beside them on the same connection.',
    [
      milliseconds('latencyMs', 'Latency', 1000, 'How long a request is held.'),
      milliseconds('jitterMs', 'Jitter', 0, 'Up to this much more or less, at random.'),
      ...matching,
    ],
    'Callers give up on requests that take longer than their timeout, and try again or open their circuit; the others go on as before.',
  ),
  edge(
    'http-drop',
    'Dropped requests',
    'Leaves every nth request without an answer.',
    [
      whole('nth', 'Every', { min: 1, max: 1_000_000, default: 3 }, '1: each, 3: every third.'),
      choice('mode', 'How', ['reset', 'hang'], 'reset: breaks off; hang: never answers.'),
      ...matching,
    ],
    'Requests that may be repeated are; a customer is charged once however often a request is sent.',
  ),
  edge(
    'http-header',
    'Changed header',
    'Sets a header of the answer, or removes it where the value is empty.',
    [
      text('name', 'Name', null, 'Of the header.'),
      text('value', 'Value', '', 'Empty: the header is removed.'),
      ...matching,
    ],
    'Callers check what they rely on.',
  ),
  edge(
    'http-body',
    'Changed body',
    'Replaces the body of the answer.',
    [
      text('body', 'Body', '', 'At most 16,000 bytes. Empty: the answer has none.'),
      text('contentType', 'Content type', '', 'Empty: as it was.'),
      ...matching,
    ],
    'Callers check what they read and say what was wrong with it.',
  ),
];
