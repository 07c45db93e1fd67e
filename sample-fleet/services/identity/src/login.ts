import type { FastifyInstance } from 'fastify';
import type Provider from 'oidc-provider';
import { confirmationPage, loginPage } from './pages.ts';

/** Everybody's password: this shop has nothing to steal. */
const PASSWORD = 'boxes';
const NAME_PATTERN = /^[a-z0-9-]{3,32}$/;

/**
 * What a person sees on the way from an app to its authorization code: `GET /login/:uid` shows the login form, then the
 * question whether the app may go on; `POST /login/:uid` takes the answers and sends the browser on its way.
 */
export function registerLogin(app: FastifyInstance, provider: () => Provider): void {
  app.get('/login/:uid', async ({ raw }, reply) => {
    const { prompt, params, session } = await provider().interactionDetails(raw, reply.raw);
    reply.type('text/html; charset=utf-8');
    return prompt.name === 'login'
      ? loginPage(PASSWORD)
      : confirmationPage(String(params.client_id), session?.accountId ?? '', String(params.scope));
  });

  app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 4_096 },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    scope.post<{ Body: { name?: string; password?: string } | null }>('/login/:uid', async ({ body, raw }, reply) => {
      const { prompt } = await provider().interactionDetails(raw, reply.raw);
      const { name = '', password = '' } = body ?? {};
      if (prompt.name === 'login' && !(NAME_PATTERN.test(name) && password === PASSWORD)) {
        const problem =
          'That name and password do not fit. Any name of 3 to 32 lowercase letters, digits and dashes is a customer.';
        return reply.code(401).type('text/html; charset=utf-8').send(loginPage(PASSWORD, problem));
      }
      const result = prompt.name === 'login' ? { login: { accountId: name } } : { consent: {} };
      const location = await provider().interactionResult(raw, reply.raw, result, { mergeWithLastSubmission: true });
      return reply.redirect(location, 303);
    });
  });
}
