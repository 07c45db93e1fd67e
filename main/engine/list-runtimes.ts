import { toErrorView } from '../contract/index.ts';
import { findRuntimes } from './fleet/index.ts';

/**
 * A program of its own, for where no engine runs: `node dist/engine/list-runtimes.js [FILE]` prints what fleets can run on
 * here, as JSON of the contract's RuntimeView, and touches nothing.
 */
findRuntimes(process.argv[2]).then(
  (found) => process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(0)),
  (error: unknown) => {
    process.stderr.write(`${toErrorView(error).message}\n`);
    process.exit(1);
  },
);
