import { type ApiHandlers, FlotillaError, type PeekTarget } from '../../contract/index.ts';
import { toPeekError } from './peek-error.ts';
import { peekPostgres, postgresRows, postgresTables } from './postgres.ts';
import { peekRabbit } from './rabbitmq.ts';
import { peekRedis, redisKeys, redisValue } from './redis.ts';
import { type OpenTarget, openTarget, type PeekFleet, peekTargets } from './target.ts';

export type PeekHandlers = Pick<
  ApiHandlers,
  | 'peek.targets'
  | 'peek.postgres'
  | 'peek.postgresTables'
  | 'peek.postgresRows'
  | 'peek.redis'
  | 'peek.redisKeys'
  | 'peek.redisValue'
  | 'peek.rabbitmq'
>;

/** A read-only look into the fleet's databases, caches and queues, with the users that its file names. */
export function createPeek(fleet: PeekFleet): { readonly handlers: PeekHandlers } {
  /** @throws FlotillaError PEEK_NONE, PEEK_UNREACHABLE, PEEK_REFUSED, PEEK_FULL */
  const into = async <T>(
    service: string,
    kind: PeekTarget['kind'],
    look: (target: OpenTarget) => Promise<T>,
  ): Promise<T> => {
    const known = peekTargets(fleet.model()).find((one) => one.service === service);
    if (known?.kind !== kind) throw new FlotillaError('PEEK_NONE', { service, kind: NAMES[kind] });
    const target = openTarget(fleet, service);
    if (target === null) throw new FlotillaError('SERVICE_NOT_RUNNING', { service });
    try {
      return await look(target);
    } catch (error) {
      throw toPeekError(error, target);
    }
  };
  const descriptions = (service: string): Record<string, string> =>
    Object.fromEntries(
      (fleet.model()?.resources ?? [])
        .filter((one) => one.service === service)
        .map((one) => [one.name, one.description]),
    );

  return {
    handlers: {
      'peek.targets': () => peekTargets(fleet.model()),
      'peek.postgres': ({ service }) => into(service, 'postgres', peekPostgres),
      'peek.postgresTables': ({ service, database }) =>
        into(service, 'postgres', (target) => postgresTables(target, database)),
      'peek.postgresRows': ({ service, ...table }) =>
        into(service, 'postgres', (target) => postgresRows(target, table)),
      'peek.redis': ({ service }) => into(service, 'redis', peekRedis),
      'peek.redisKeys': ({ service, ...ask }) => into(service, 'redis', (target) => redisKeys(target, ask)),
      'peek.redisValue': ({ service, ...ask }) => into(service, 'redis', (target) => redisValue(target, ask)),
      'peek.rabbitmq': ({ service }) =>
        into(service, 'rabbitmq', (target) => peekRabbit(target, descriptions(service))),
    },
  };
}

const NAMES: Readonly<Record<PeekTarget['kind'], string>> = {
  postgres: 'PostgreSQL',
  redis: 'Redis',
  rabbitmq: 'RabbitMQ with its management plugin',
};
