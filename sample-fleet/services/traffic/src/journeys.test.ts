import { expect, test } from 'vitest';
import { chooseJourney } from './journeys.ts';

test('most shoppers browse, some leave a full cart, about a quarter buy', () => {
  const counts = { browse: 0, abandon: 0, buy: 0, graphql: 0 };
  for (let step = 0; step < 100; step += 1) counts[chooseJourney((step + 0.5) / 100)] += 1;
  expect(counts).toEqual({ browse: 60, abandon: 12, buy: 24, graphql: 4 });
});
