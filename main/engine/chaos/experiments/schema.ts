import { z } from 'zod';
import { HYPOTHESIS_STRATEGIES, ROLLBACK_STRATEGIES } from './model.ts';

// What a file may say, key by key. Messages are clauses that go on with "Expected"; positions come from the YAML nodes.

const record = z.record(z.string(), z.unknown(), 'a mapping');
const text = z.string('text').min(1, 'text that is not empty');
const variable = z
  .string('a number of seconds')
  .regex(/^\$\{[^}]+\}$/, 'a number of seconds, or ${name} of the configuration');
const seconds = z.union([z.number().min(0), variable], 'a number of seconds, or ${name} of the configuration');

const HttpProviderSchema = z.object({
  type: z.literal('http'),
  url: text,
  method: z.string('an HTTP method').default('GET'),
  headers: record.default({}),
  arguments: z.unknown().optional(),
  // Chaos Toolkit also takes [connect, read].
  timeout: z.union([seconds, z.tuple([z.number(), z.number()])], 'a number of seconds').optional(),
  max_retries: z.number('a number of tries').int().min(0).max(20).default(0),
  verify_tls: z.boolean('true or false').default(true),
  secrets: z.unknown().optional(),
});

const ProcessProviderSchema = z.object({
  type: z.literal('process'),
  path: text,
  arguments: z
    .union([z.string(), z.array(z.unknown()), z.record(z.string(), z.unknown())], 'text, a list or a mapping')
    .optional(),
  timeout: seconds.optional(),
  secrets: z.unknown().optional(),
});

const ProviderSchema = z.discriminatedUnion('type', [HttpProviderSchema, ProcessProviderSchema], {
  error: 'a provider of type http or process',
});

const target = z.string('text').optional();
const RegexSchema = z.object({ type: z.literal('regex'), pattern: text, target });
const JsonPathSchema = z.object({
  type: z.literal('jsonpath'),
  path: text,
  target,
  count: z.number('a number').int().min(0).optional(),
  expect: z.unknown().optional(),
});
const RangeSchema = z.object({
  type: z.literal('range'),
  range: z.tuple([z.number('a number'), z.number('a number')], 'two numbers, the lower first'),
  target,
});
const ProbeToleranceSchema = z.object({ type: z.literal('probe'), name: text, provider: ProviderSchema });

export const ToleranceSchema = z.union(
  [
    z.union([z.string(), z.number(), z.boolean()]),
    z.array(z.unknown()).min(1, 'a list that is not empty'),
    z.discriminatedUnion('type', [RegexSchema, JsonPathSchema, RangeSchema, ProbeToleranceSchema], {
      error: 'a tolerance of type regex, jsonpath, range or probe',
    }),
  ],
  'text, a number, true or false, a list, or a tolerance of type regex, jsonpath, range or probe',
);

export const ActivitySchema = z.object({
  type: z.enum(['probe', 'action'], 'probe or action'),
  name: text,
  provider: ProviderSchema,
  tolerance: ToleranceSchema.optional(),
  background: z.boolean('true or false').default(false),
  pauses: z
    .object({ before: seconds.optional(), after: seconds.optional() }, 'a mapping of before and after')
    .optional(),
  controls: z.unknown().optional(),
});
const RefSchema = z.object({ ref: text });

/** Far above any real file: the run is told whole with every step, five times a second. */
const MOST_ACTIVITIES = 300;
const tooMany = `at most ${MOST_ACTIVITIES} activities`;

export const HypothesisSchema = z.object(
  {
    title: text,
    probes: z.array(z.unknown(), 'a list of probes').max(MOST_ACTIVITIES, tooMany).optional(),
    controls: z.unknown().optional(),
  },
  'a mapping with title and probes',
);

const RuntimeSchema = z.object(
  {
    hypothesis: z
      .object({
        strategy: z.enum(HYPOTHESIS_STRATEGIES, HYPOTHESIS_STRATEGIES.join(', ')).default('default'),
        schedule: z
          .object({
            continuous_hypothesis_frequency: z.number('seconds').positive('more than 0').default(1),
            fail_fast: z.boolean('true or false').default(false),
            fail_fast_ratio: z.number('a percentage').min(0, 'from 0 to 100').max(100, 'from 0 to 100').default(0),
          })
          .prefault({}),
      })
      .prefault({}),
    rollbacks: z
      .object({ strategy: z.enum(ROLLBACK_STRATEGIES, ROLLBACK_STRATEGIES.join(', ')).default('default') })
      .prefault({}),
  },
  'a mapping of hypothesis and rollbacks',
);

export const StopConditionSchema = z.object({
  metric: z.enum(['error-rate', 'p95', 'unhealthy-services'], 'error-rate, p95 or unhealthy-services'),
  service: text.optional(),
  above: z.number('a number').min(0, 'a number of at least 0'),
  for: z.number('a number of seconds').min(0, 'a number of at least 0').default(5),
});

/** The file without its activities, which are checked one by one. */
export const ExperimentSchema = z.object(
  {
    title: text,
    description: z.string('text').default(''),
    tags: z.array(z.string('text'), 'a list of words').default([]),
    configuration: record.default({}),
    secrets: record.default({}),
    'steady-state-hypothesis': HypothesisSchema.nullish(),
    method: z.array(z.unknown(), 'a list of activities').max(MOST_ACTIVITIES, tooMany).nullish(),
    rollbacks: z.array(z.unknown(), 'a list of activities').max(MOST_ACTIVITIES, tooMany).nullish(),
    runtime: RuntimeSchema.prefault({}),
    controls: z.unknown().optional(),
    extensions: z.array(z.looseObject({ name: text }), 'a list of extensions with names').default([]),
    contributions: z.unknown().optional(),
    version: z.unknown().optional(),
  },
  'a mapping: title, steady-state-hypothesis, method, rollbacks',
);

export const StepSchema = { activity: ActivitySchema, ref: RefSchema };
export type ParsedActivity = z.output<typeof ActivitySchema>;
export type ParsedTolerance = z.output<typeof ToleranceSchema>;
