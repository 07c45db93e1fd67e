/** A service for service.test.ts: SIGHUP lets it become ready, SIGUSR2 lets a request to /slow finish. */
import { runService } from '../service.ts';

const signal = (name: NodeJS.Signals): Promise<void> => new Promise((resolve) => process.once(name, () => resolve()));
const begin = signal('SIGHUP');
const finish = signal('SIGUSR2');
const tell = (msg: string): boolean => process.stdout.write(`${JSON.stringify({ msg })}\n`);

runService({
  name: 'probe',
  port: 0,
  http: (app) => {
    app.get('/slow', async () => {
      tell('slow request arrived');
      await finish;
      return { finished: true };
    });
  },
  start: () => begin,
  stop: async () => {
    tell('stop was called');
  },
});
