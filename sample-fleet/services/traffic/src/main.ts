import { number, port, readConfig, text, url } from '../../../lib/config.ts';
import { log } from '../../../lib/log.ts';
import { runService } from '../../../lib/service.ts';
import { AccessToken } from './access-token.ts';
import { Arrivals } from './arrivals.ts';
import { runJourney } from './journeys.ts';
import { Listener } from './listener.ts';
import { Shopper } from './shopper.ts';

const MAX_RATE = 200;
const RATE_SCHEMA = {
  body: {
    type: 'object',
    required: ['rate'],
    additionalProperties: false,
    properties: { rate: { type: 'number', minimum: 0, maximum: MAX_RATE } },
  },
};

const config = readConfig({
  port: port('PORT', 7010),
  gatewayUrl: url('GATEWAY_URL'),
  identityUrl: url('IDENTITY_URL'),
  clientSecret: text('CLIENT_SECRET'),
  rate: number('RATE', { min: 0, max: MAX_RATE, fallback: 5 }),
});

const newToken = (): AccessToken => new AccessToken(config.identityUrl, config.clientSecret);
const arrivals = new Arrivals(() => runJourney(new Shopper(config.gatewayUrl, newToken(), Math.random), Math.random));
const listener = new Listener(config.gatewayUrl, newToken());

runService({
  name: 'traffic',
  port: config.port,
  http: (app) => {
    app.get('/rate', async () => ({ rate: arrivals.rate }));
    app.put<{ Body: { rate: number } }>('/rate', { schema: RATE_SCHEMA }, async ({ body }) => {
      arrivals.setRate(body.rate);
      log.info({ rate: body.rate }, 'the dial was turned');
      return { rate: arrivals.rate };
    });
  },
  start: async () => {
    listener.start();
    arrivals.setRate(config.rate);
  },
  stop: async () => {
    arrivals.setRate(0);
    listener.stop();
  },
});
