import type { Readable } from 'node:stream';
import { z } from 'zod';

/** What an engine tells of a pull or a build, one JSON object a line (moby, api/types/jsonmessage). */
const Message = z.object({
  /** Of a build: what it writes. */
  stream: z.string().optional(),
  /** Of a pull: what happens to a layer, or to the image where there is no `id`. */
  status: z.string().optional(),
  id: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
  error: z.string().optional(),
  errorDetail: z.object({ message: z.string().optional() }).nullish(),
});
export type EngineMessage = z.infer<typeof Message>;

const LONGEST_LINE = 1024 * 1024;

/**
 * The messages of an answer, in order. What is not understood is passed over: it is progress, and the last word is the
 * image that is there or not.
 * @throws Error with the engine's words when it reports one
 */
export async function* engineMessages(answer: Readable): AsyncGenerator<EngineMessage> {
  let rest = '';
  answer.setEncoding('utf8');
  for await (const text of answer as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
    for (const line of lines) yield* messageOf(line);
  }
  yield* messageOf(rest);
}

function* messageOf(line: string): Generator<EngineMessage> {
  if (line.trim() === '') return;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return;
  }
  const { success, data } = Message.safeParse(value);
  if (!success) return;
  const problem = data.errorDetail?.message ?? data.error;
  if (problem !== undefined) throw new Error(problem);
  yield data;
}
