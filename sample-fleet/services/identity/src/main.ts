import { number, port, readConfig, text } from '../../../lib/config.ts';
import { log } from '../../../lib/log.ts';
import { runService } from '../../../lib/service.ts';
import { Identity } from './identity.ts';

const config = readConfig({
  port: port('PORT', 7001),
  clientSecret: text('CLIENT_SECRET'),
  // A name rather than an address: tokens stay valid wherever the runtime puts this service.
  issuer: text('ISSUER', 'http://identity'),
  tokenTtlS: number('TOKEN_TTL_S', { min: 10, max: 86_400, fallback: 600 }),
  rotationS: number('KEY_ROTATION_S', { min: 10, max: 86_400, fallback: 900 }),
});

const identity = new Identity(config);
let rotation: NodeJS.Timeout | undefined;

runService({
  name: 'identity',
  port: config.port,
  http: (app) => identity.registerRoutes(app),
  start: async () => {
    await identity.rotate();
    const rotate = (): Promise<unknown> =>
      identity.rotate().catch((err: unknown) => log.error({ err }, 'could not rotate'));
    rotation = setInterval(rotate, config.rotationS * 1_000);
  },
  stop: async () => clearInterval(rotation),
});
