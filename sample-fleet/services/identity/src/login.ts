import type { FastifyInstance } from 'fastify';
import type Provider from 'oidc-provider';

/** Everybody's password: this shop has nothing to steal. */
const PASSWORD = 'boxes';
const NAME_PATTERN = /^[a-z0-9-]{3,32}$/;

/** `GET /login/:uid` shows the form, `POST /login/:uid` checks it and sends the browser on its way back to the app. */
export function registerLogin(app: FastifyInstance, provider: () => Provider): void {
  app.get('/login/:uid', async (request, reply) => {
    await provider().interactionDetails(request.raw, reply.raw);
    return reply.type('text/html; charset=utf-8').send(form(''));
  });

  app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 4_096 },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    scope.post<{ Body: { name?: string; password?: string } }>('/login/:uid', async ({ body, raw }, reply) => {
      const { name = '', password = '' } = body;
      if (!NAME_PATTERN.test(name) || password !== PASSWORD) {
        const problem =
          'That name and password do not fit. Any name of 3 to 32 lowercase letters, digits and dashes is a customer.';
        return reply.code(401).type('text/html; charset=utf-8').send(form(problem));
      }
      const location = await provider().interactionResult(raw, reply.raw, { login: { accountId: name } });
      return reply.redirect(location, 303);
    });
  });
}

function form(problem: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Log in to the shop</title>
<style>body{font:16px system-ui;max-width:20rem;margin:15vh auto}label,button{display:block;width:100%;margin:.8rem 0}input{width:100%}</style>
<h1>Log in to the shop</h1>
<p role="alert">${problem}</p>
<form method="post">
  <label>Name <input name="name" autocomplete="username" required autofocus></label>
  <label>Password (it is "${PASSWORD}") <input name="password" type="password" autocomplete="current-password" required></label>
  <button>Log in</button>
</form>
</html>`;
}
