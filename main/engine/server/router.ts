import { initTRPC, TRPCError, tracked } from '@trpc/server';
import { z } from 'zod';
import {
  type ApiHandlers,
  api,
  type ErrorView,
  FlotillaError,
  issueText,
  type ProcedureName,
  toErrorView,
} from '../../contract/index.ts';

export interface CallContext {
  /** Whether the caller has shown the token; a WebSocket may connect before it has. */
  readonly authorized: boolean;
  /** Resolves when the connection has sent enough of what it was given to be given more. */
  drained(signal: AbortSignal): Promise<void>;
}

type AnyHandler = (input: unknown, signal: AbortSignal) => unknown;

const t = initTRPC.context<CallContext>().create({
  errorFormatter: ({ shape, error }) => ({ ...shape, data: { ...shape.data, view: viewOf(error), stack: undefined } }),
});

/** The catalogue's error at the bottom of what tRPC wrapped, which it may do more than once. */
export function catalogueCause(error: unknown): FlotillaError | null {
  if (error instanceof FlotillaError) return error;
  return error instanceof Error && error.cause !== undefined ? catalogueCause(error.cause) : null;
}

function viewOf(error: TRPCError): ErrorView {
  const known = catalogueCause(error);
  if (known) return known.toView();
  if (error.code === 'NOT_FOUND') return new FlotillaError('BAD_REQUEST', { detail: error.message }).toView();
  return toErrorView(error.cause ?? error);
}

const httpCodes: Partial<Record<string, TRPCError['code']>> = {
  UNAUTHORIZED: 'UNAUTHORIZED',
  BAD_REQUEST: 'BAD_REQUEST',
  QUERY_SYNTAX: 'BAD_REQUEST',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
  NOT_FOUND: 'NOT_FOUND',
  FAULT_GONE: 'NOT_FOUND',
  SERVICE_UNKNOWN: 'NOT_FOUND',
  TRACE_UNKNOWN: 'NOT_FOUND',
  KAFKA_TOPIC_UNKNOWN: 'NOT_FOUND',
};

function asTrpcError(thrown: unknown): unknown {
  if (!(thrown instanceof FlotillaError)) return thrown;
  return new TRPCError({
    code: httpCodes[thrown.code] ?? 'UNPROCESSABLE_CONTENT',
    message: thrown.message,
    cause: thrown,
  });
}

const LastEventId = z.object({ lastEventId: z.string().regex(/^\d+$/) });

/**
 * Parses a call's input. A subscription that resumes carries the id of the last event that the client saw, which becomes
 * its `afterSeq`.
 */
function parseInput(name: ProcedureName, raw: unknown): unknown {
  const resumed = LastEventId.safeParse(raw);
  const given =
    resumed.success && api[name].kind === 'subscription'
      ? { ...(raw as object), afterSeq: Number(resumed.data.lastEventId), lastEventId: undefined }
      : raw;
  const parsed = api[name].input.safeParse(given);
  if (!parsed.success) throw asTrpcError(new FlotillaError('BAD_REQUEST', { detail: issueText(parsed.error) }));
  return parsed.data;
}

/** The number that a client resumes after, for the streams that have one. */
export function eventNumber(name: ProcedureName, data: unknown): number | null {
  if (name === 'engine.watch') return (data as { seq: number }).seq;
  if (name === 'logs.tail') return (data as { lines: { seq: number }[] }).lines.at(-1)?.seq ?? null;
  return null;
}

async function* events(
  name: ProcedureName,
  stream: AsyncIterable<unknown>,
  ctx: CallContext,
  signal: AbortSignal,
): AsyncGenerator {
  try {
    for await (const data of stream) {
      const number = eventNumber(name, data);
      yield number === null ? data : tracked(String(number), data);
      await ctx.drained(signal);
    }
  } catch (error) {
    throw asTrpcError(error);
  }
}

const guarded = t.procedure.use(({ ctx, next }) => {
  if (!ctx.authorized) throw asTrpcError(new FlotillaError('UNAUTHORIZED'));
  return next();
});

const never = new AbortController().signal;

function buildProcedure(name: ProcedureName, handler: AnyHandler) {
  const procedure = guarded.input((raw: unknown) => parseInput(name, raw));
  if (api[name].kind === 'subscription') {
    return procedure.subscription(({ ctx, input, signal = never }) =>
      events(name, handler(input, signal) as AsyncIterable<unknown>, ctx, signal),
    );
  }
  const resolve = async ({ input, signal }: { input: unknown; signal: AbortSignal | undefined }): Promise<unknown> => {
    try {
      return await handler(input, signal ?? never);
    } catch (error) {
      throw asTrpcError(error);
    }
  };
  return api[name].kind === 'query' ? procedure.query(resolve) : procedure.mutation(resolve);
}

/** The tRPC router over the contract's table: one procedure for each name, served by the handler of that name. */
export function buildRouter(handlers: ApiHandlers) {
  const groups: Record<string, Record<string, ReturnType<typeof buildProcedure>>> = {};
  for (const name of Object.keys(api) as ProcedureName[]) {
    const [group = '', verb = ''] = name.split('.');
    groups[group] ??= {};
    groups[group][verb] = buildProcedure(name, handlers[name] as AnyHandler);
  }
  return t.router(groups);
}

export type EngineRouter = ReturnType<typeof buildRouter>;
