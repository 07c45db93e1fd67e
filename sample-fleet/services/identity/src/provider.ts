import Provider, {
  type Adapter,
  type ClientMetadata,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { SIGNING_ALGORITHM } from './signing-keys.ts';

export interface ProviderOptions {
  issuer: string;
  clientSecret: string;
  tokenTtlS: number;
  /** Signs the cookies of the login form. */
  cookieKey: string;
}

/** What tokens are for: the shop's API, as the gateway serves it. */
export const SHOP_API = 'https://shop.example/api';
const SHOP_SCOPES = ['orders:write', 'customers:any'];

/**
 * An OpenID provider that signs with the first of `jwks` and publishes all. The keys of a provider cannot change, so a
 * rotation makes a new one; `adapter` is what the two share, so a login that began with the old ends with the new.
 */
export function createProvider(
  options: ProviderOptions,
  jwks: Configuration['jwks'],
  adapter: (name: string) => Adapter,
): Provider {
  return new Provider(options.issuer, {
    adapter,
    jwks,
    clients: clients(options.clientSecret),
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALGORITHM },
    enabledJWA: { idTokenSigningAlgValues: [SIGNING_ALGORITHM] },
    scopes: ['openid', 'offline_access', ...SHOP_SCOPES],
    responseTypes: ['code'],
    claims: { openid: ['sub', 'name'] },
    cookies: { keys: [options.cookieKey] },
    // An authorization code is of no use to a thief who has not the verifier: RFC 7636.
    pkce: { required: () => true },
    findAccount: (_ctx, customerId) => ({
      accountId: customerId,
      claims: async () => ({ sub: customerId, name: customerId }),
    }),
    interactions: { url: (_ctx, { uid }) => `/login/${uid}` },
    loadExistingGrant: grantToOwnClients,
    ttl: {
      AccessToken: options.tokenTtlS,
      ClientCredentials: options.tokenTtlS,
      AuthorizationCode: 60,
      IdToken: options.tokenTtlS,
      Interaction: 600,
      Session: 8 * 3_600,
      Grant: 8 * 3_600,
      RefreshToken: 8 * 3_600,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => SHOP_API,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          if (resource !== SHOP_API) throw new errors.InvalidTarget();
          return {
            scope: SHOP_SCOPES.join(' '),
            audience: SHOP_API,
            accessTokenTTL: options.tokenTtlS,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: SIGNING_ALGORITHM } },
          };
        },
      },
    },
  });
}

function clients(clientSecret: string): ClientMetadata[] {
  return [
    {
      // A service: it proves who it is with a secret, and may act for any customer.
      client_id: 'shop-traffic',
      client_secret: clientSecret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      scope: SHOP_SCOPES.join(' '),
    },
    {
      // An app on a person's own device: it can keep no secret, so it uses PKCE. Any port of the loopback will do (RFC 8252).
      client_id: 'shop-app',
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
      scope: 'openid offline_access orders:write',
    },
  ];
}

/** The clients are the shop's own, so nobody has to consent; a customer who has logged in has agreed to what is asked. */
async function grantToOwnClients(ctx: KoaContextWithOIDC) {
  const { client, session, provider, params } = ctx.oidc;
  if (client === undefined || session?.accountId === undefined) return undefined;
  const grantId = session.grantIdFor(client.clientId);
  const existing = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const grant = existing ?? new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  const scope = String(params?.scope ?? '');
  grant.addOIDCScope(scope);
  grant.addResourceScope(SHOP_API, scope);
  await grant.save();
  return grant;
}
