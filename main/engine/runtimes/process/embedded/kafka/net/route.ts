import type { Reader } from '../../../../../kafka-protocol/index.ts';
import {
  type ApiRange,
  encodeResponseFrame,
  MalformedError,
  type RequestHeader,
  type ServerApi,
} from '../../../../../kafka-protocol/index.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where a request comes from, and how its answer speaks of this broker. */
export interface RequestContext {
  readonly version: number;
  readonly clientId: string;
  readonly clientHost: string;
  /** The address of this broker for this client. A listener behind a link advertises the link. */
  readonly advertised: Endpoint;
  /** Calls back when the connection is gone; the function that it gives takes that back. */
  whenClosed(callback: () => void): () => void;
}

/** Null: the protocol wants no answer (Produce with acks=0). */
type Answer = Buffer[] | null;

/** An API and what answers it, with their types sealed. */
export interface Route {
  readonly api: ApiRange;
  run(reader: Reader, header: RequestHeader, context: RequestContext): Answer | Promise<Answer>;
}

export function route<Q, R>(
  api: ServerApi<Q, R>,
  handle: (request: Q, context: RequestContext) => R | null | Promise<R | null>,
): Route {
  return {
    api,
    run(reader, header, context) {
      const request = api.decodeRequest(reader, header.apiVersion);
      if (reader.remaining > 0) throw new MalformedError(`${reader.remaining} bytes too many`);
      const encode = (response: R | null): Answer =>
        response === null ? null : encodeResponseFrame(api, header.apiVersion, header.correlationId, response);
      const response = handle(request, context);
      return response instanceof Promise ? response.then(encode) : encode(response);
    },
  };
}
