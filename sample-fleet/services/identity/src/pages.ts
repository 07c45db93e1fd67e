/** The login form; `problem` says why it is shown again. */
export function loginPage(password: string, problem = ''): string {
  return page(
    'Log in to the shop',
    `<p role="alert">${escaped(problem)}</p>
<form method="post">
  <label>Name <input name="name" autocomplete="username" required autofocus></label>
  <label>Password (it is "${escaped(password)}")
    <input name="password" type="password" autocomplete="current-password" required></label>
  <button>Log in</button>
</form>`,
  );
}

/**
 * Asks whether the app may go on. An app on a person's device cannot prove which app it is, so the person has to know
 * that they are handing something to it: RFC 8252, section 8.6.
 */
export function confirmationPage(clientId: string, customerId: string, scope: string): string {
  return page(
    `Continue to ${escaped(clientId)}?`,
    `<p>You are ${escaped(customerId)}. The app on this device asks for: ${escaped(scope)}.</p>
<form method="post"><button>Continue</button></form>`,
  );
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
  body { font: 16px system-ui; max-width: 20rem; margin: 15vh auto }
  label, button { display: block; width: 100%; margin: .8rem 0 }
  input { width: 100% }
</style>
<h1>${title}</h1>
${content}
</html>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
