import type { Toxic } from '../../toxic.ts';
import type { RequestPlan } from '../request-faults.ts';
import type { HeaderField } from './hpack.ts';

/** A request and its response on an HTTP/2 connection. */
export interface Stream {
  readonly id: number;
  readonly plan: RequestPlan | null;
  readonly isGrpc: boolean;
  readonly isHead: boolean;
  /** What the client still sends does not reach upstream. */
  swallowsRequest: boolean;
  /** Its body was replaced: only DATA is swallowed. */
  replacesRequest: boolean;
  swallowsResponse: boolean;
  replacesResponse: boolean;
  /** The final response head has come. */
  hasAnswer: boolean;
  requestEnded: boolean;
  responseEnded: boolean;
  /** The fault that lets it hang. */
  hanging: Toxic | null;
  /** The response waits. */
  hold: { readonly timer: NodeJS.Timeout; readonly writes: (() => void)[]; bytes: number } | null;
  /** The DATA frame that is arriving and does not pass as it is. */
  readonly collected: Buffer[];
}

/** The first value of a header. */
export const fieldOf = (fields: readonly HeaderField[], name: string): string | undefined =>
  fields.find(([key]) => key === name)?.[1];

export const isGrpc = (fields: readonly HeaderField[]): boolean =>
  fieldOf(fields, 'content-type')?.startsWith('application/grpc') ?? false;

/** Headers with some set or removed, and fit for another body. */
export function withFields(
  fields: readonly HeaderField[],
  headers: readonly { readonly name: string; readonly value: string | null }[],
  body: { readonly body: Buffer; readonly contentType: string } | undefined,
): readonly HeaderField[] {
  if (headers.length === 0 && !body) return fields;
  const changes = headers.map(({ name, value }) => ({ name: name.toLowerCase(), value }));
  if (body) {
    changes.push({ name: 'content-length', value: null }, { name: 'content-encoding', value: null });
    if (body.contentType) changes.push({ name: 'content-type', value: body.contentType });
  }
  let result = [...fields];
  for (const { name, value } of changes) {
    result = result.filter(([key]) => key !== name);
    if (value !== null) result.push([name, value]);
  }
  return result;
}
