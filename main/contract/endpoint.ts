import { z } from 'zod';

/** The file that a running engine is found by: `FLOTILLA_HOME/engine.json`, mode 0600. Readers check that it answers. */
export const EndpointFile = z.object({
  pid: z.number().int().positive(),
  url: z.url(),
  token: z.string().min(32),
  version: z.string(),
});
export type EndpointFile = z.infer<typeof EndpointFile>;

/** The answer of `POST /api/ticket`: what opens a session once, within a minute, in place of the token. */
export const Ticket = z.object({ ticket: z.string().min(32) });
