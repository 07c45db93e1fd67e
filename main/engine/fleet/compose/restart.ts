import type { RestartPolicy } from '../model.ts';
import type { ReadContext } from './context.ts';
import { expectNumber, expectOneOf, expectText } from './expect.ts';
import { Fields } from './fields.ts';
import { RESTART_POLICY_KEYS } from './keys.ts';
import { invalid } from './place.ts';
import type { Tree } from './tree.ts';

const POLICIES = 'no, always, unless-stopped, on-failure or on-failure:N';

/** `restart`. An unquoted `no` is text in YAML 1.2; `false` is what other tools make of it. */
export function readRestart(tree: Tree): RestartPolicy {
  const text = expectText(tree, POLICIES);
  if (text === 'no' || text === 'false') return { policy: 'no', maxRetries: null };
  if (text === 'always' || text === 'unless-stopped') return { policy: text, maxRetries: null };
  const match = /^on-failure(?::(\d{1,6}))?$/.exec(text);
  if (!match) throw invalid(tree.place, `restart is ${JSON.stringify(text)}`, POLICIES);
  return { policy: 'on-failure', maxRetries: match[1] === undefined ? null : Number(match[1]) };
}

/** `deploy.restart_policy`, which says the same in other words. */
export function readDeployRestart(tree: Tree, context: ReadContext): RestartPolicy {
  const fields = new Fields(tree);
  const conditions = ['none', 'on-failure', 'any'] as const;
  const condition = fields.read('condition', (value) => expectOneOf(value, conditions), 'any');
  const maxRetries = fields.read(
    'max_attempts',
    (value) => expectNumber(value, { min: 0, max: 1_000_000, integer: true }),
    null,
  );
  fields.warn(RESTART_POLICY_KEYS, context);
  if (condition === 'none') return { policy: 'no', maxRetries: null };
  return { policy: condition === 'any' ? 'always' : 'on-failure', maxRetries };
}
