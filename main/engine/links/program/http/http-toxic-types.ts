import type { AttributeRule, ToxicType } from '../toxic.ts';
import { pathProblem } from './matcher.ts';

const text: AttributeRule = { initial: '' };
const ms: AttributeRule = { initial: 0, min: 0, max: 3_600_000 };
/** A replacement has to fit the least window that HTTP/2 lets a receiver have. */
const body: AttributeRule = {
  initial: '',
  check: (value) => (Buffer.byteLength(value) > 16_000 ? 'must have no more than 16,000 bytes' : null),
};
const token: AttributeRule = {
  initial: '',
  check: (value) => (/^[!#$%&'*+.^_`|~0-9A-Za-z-]*$/.test(value) ? null : 'is no name of a header'),
};
const fieldValue: AttributeRule = {
  initial: '',
  // Visible ASCII, spaces and tabs (RFC 9110, 5.5, without what is obsolete there).
  check: (value) => (/^[\t\x20-\x7e]*$/.test(value) ? null : 'has characters that a header cannot carry'),
};

const matching: Readonly<Record<string, AttributeRule>> = {
  percentage: { initial: 100, min: 0, max: 100, fraction: true },
  method: text,
  path: { initial: '', check: pathProblem },
  header: fieldValue,
  baggage: fieldValue,
};

/**
 * Faults on single requests. `stream` says when: upstream is before the request reaches the callee, downstream is when
 * the callee has answered, so that it has done its work.
 */
export const httpToxicTypes: Readonly<Record<string, ToxicType>> = {
  /** Answers with `status` (gRPC: `grpc_status`, or what stands for `status` where it is -1). */
  http_abort: {
    stream: 'upstream',
    attributes: {
      ...matching,
      status: { initial: 503, min: 200, max: 599 },
      grpc_status: { initial: -1, min: -1, max: 16 },
      body,
    },
  },
  http_delay: { stream: 'upstream', attributes: { ...matching, latency: ms, jitter: ms } },
  /** Every nth matching request is not answered: its connection or stream is reset, or hangs. */
  http_drop_nth: {
    stream: 'upstream',
    attributes: {
      ...matching,
      nth: { initial: 1, min: 1, max: 1_000_000 },
      mode: { initial: 'reset', check: (mode) => (/^(reset|hang)$/.test(mode) ? null : 'must be reset or hang') },
    },
  },
  /** Sets a header; an empty `value` removes it. */
  http_header: { stream: 'downstream', attributes: { ...matching, name: token, value: fieldValue } },
  http_body: { stream: 'downstream', attributes: { ...matching, body, content_type: fieldValue } },
};
