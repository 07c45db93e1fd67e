import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { FaultRequest } from '../../main/contract/index.ts';
import { catalogue } from '../../main/engine/chaos/catalogue/index.ts';
import { readExperiment } from '../../main/engine/chaos/experiments/read-experiment.ts';
import { newExperiment } from '../../renderer/features/chaos/new-experiment.ts';

test.for(['Slow payments', 'Payments: slow, "twice" #1'])('what a new experiment begins with is one: %s', (title) => {
  const text = newExperiment(title);
  const { experiment, problems } = readExperiment(text);
  expect(problems).toEqual([]);
  expect(experiment?.title).toBe(title);
  const { method } = parse(text) as { method: { provider: { arguments: unknown } }[] };
  const { kind, parameters, experiment: signature } = FaultRequest.parse(method[0]?.provider.arguments);
  expect(signature).toBe(title);
  const known = catalogue.find((one) => one.kind === kind)?.parameters.map((one) => one.name);
  expect(known).toEqual(expect.arrayContaining(Object.keys(parameters)));
});
