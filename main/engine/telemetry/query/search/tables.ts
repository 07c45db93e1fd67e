import type { ValueField } from '../../../../contract/search/index.ts';
import { logLevels, logSources, spanKinds, spanStatuses } from '../../store/schema.ts';
import { anyOf, commonField, fits, numbered, type SignalTable } from './compile-sql.ts';

const spanColumns: Partial<Record<ValueField, string>> = {
  service: 'service',
  name: 'name',
  scope: 'scope',
  message: 'status_message',
};

/** Old and new name of the HTTP status; the store has either in a column. */
const httpStatusKeys = ['http.response.status_code', 'http.status_code'];

/** Spans: a bare word is also looked for in events, where exceptions are. */
export const spanTable: SignalTable = {
  text: ['name', 'status_message'],
  json: [
    { column: 'attributes', paths: ['$.*'] },
    { column: "coalesce(extra, '{}')", paths: ['$.events[*].name', '$.events[*].attributes.*'] },
  ],
  duration: 'duration_ns',
  level: null,
  numberColumn: (key) => (httpStatusKeys.includes(key) ? 'http_status' : null),
  field(node, parameters) {
    switch (node.field) {
      case 'kind':
        return numbered('kind', spanKinds, node);
      case 'status':
        return numbered('status', spanStatuses, node);
      case 'has':
        return `status = ${spanStatuses.indexOf('error')}`;
      case 'instance':
        return `resource IN (SELECT id FROM resources WHERE
          ${anyOf(node.anyOf.map((pattern) => fits('instance', pattern, parameters)))})`;
      default:
        return commonField(node, spanColumns, parameters);
    }
  },
};

const logColumns: Partial<Record<ValueField, string>> = {
  service: 'service',
  instance: 'instance',
  message: 'message',
};

/** Log records. `status:error` means an error here too, so that one search serves every view. */
export const logTable: SignalTable = {
  text: ['message'],
  json: [{ column: 'attributes', paths: ['$.*'] }],
  duration: null,
  level: 'level',
  numberColumn: () => null,
  field(node, parameters) {
    switch (node.field) {
      case 'level':
        return numbered('level', logLevels, node);
      case 'source':
        return numbered('source', logSources, node);
      case 'has':
        return `level >= ${logLevels.indexOf('error')}`;
      case 'status':
        return node.anyOf.some(([word]) => word === 'error') ? `level >= ${logLevels.indexOf('error')}` : 'false';
      default:
        return commonField(node, logColumns, parameters);
    }
  },
};
