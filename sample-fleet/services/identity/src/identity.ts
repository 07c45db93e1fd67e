import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type Provider from 'oidc-provider';
import { registerAdmin } from './admin.ts';
import { registerLogin } from './login.ts';
import { MemoryAdapter } from './memory-adapter.ts';
import { createProvider, type ProviderOptions } from './provider.ts';
import { SigningKeys } from './signing-keys.ts';

/** The paths that the OpenID provider itself answers. */
const OIDC_ROUTES = [
  '/.well-known/openid-configuration',
  '/jwks',
  '/token',
  '/auth',
  '/auth/:uid',
  '/me',
  '/session/end',
  '/session/end/confirm',
  '/session/end/success',
];

/** The OpenID provider with keys that rotate, and its login form. */
export class Identity {
  readonly #options: ProviderOptions;
  readonly #keys: SigningKeys;
  readonly #adapters = new Map<string, MemoryAdapter>();
  #provider: Provider | undefined;
  #handle: ReturnType<Provider['callback']> | undefined;

  constructor(options: Omit<ProviderOptions, 'cookieKey'>) {
    this.#options = { ...options, cookieKey: randomBytes(32).toString('base64url') };
    this.#keys = new SigningKeys(options.tokenTtlS);
  }

  /** Signs with a new key from now on. Must have been called once before the first request. Gives the key's id. */
  async rotate(): Promise<string> {
    const kid = await this.#keys.rotate();
    this.#provider = createProvider(this.#options, this.#keys.jwks(), (name) => this.#adapterOf(name));
    this.#handle = this.#provider.callback();
    return kid;
  }

  registerRoutes(app: FastifyInstance): void {
    registerLogin(app, () => this.#current());
    registerAdmin(app, { rotate: () => this.rotate(), clientSecret: this.#options.clientSecret });
    app.register(async (scope) => {
      // The provider reads request bodies itself.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
      for (const url of OIDC_ROUTES) {
        scope.route({
          method: ['GET', 'POST'],
          url,
          handler: (request, reply) => {
            reply.hijack();
            void this.#handle?.(request.raw, reply.raw);
          },
        });
      }
    });
  }

  #current(): Provider {
    if (this.#provider === undefined) throw new Error('identity has no key yet');
    return this.#provider;
  }

  #adapterOf(name: string): MemoryAdapter {
    const adapter = this.#adapters.get(name) ?? new MemoryAdapter();
    this.#adapters.set(name, adapter);
    return adapter;
  }
}
