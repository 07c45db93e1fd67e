import { setFlagsFromString } from 'node:v8';

/** No flag of the language, so that it stands in no literal. */
const LINEAR = 'l';

let isThere: boolean | null = null;

/**
 * V8's second engine, behind the flag `l`, follows all ways through an expression at once, so that a request's wait grows with
 * the text and not with its square or worse. It is asked for where an expression is first wanted, as it is an experiment of V8's:
 * a Node that knows it no longer says so on stderr and goes on.
 */
function hasLinearEngine(): boolean {
  if (isThere !== null) return isThere;
  setFlagsFromString('--enable-experimental-regexp-engine');
  try {
    new RegExp('a', LINEAR);
    isThere = true;
  } catch {
    isThere = false;
  }
  return isThere;
}

/**
 * A regular expression that ends in linear time, whatever it is held against (its length, with counts, times the text's): one that backtracks (`(a+)+$`) would stop every
 * link of the fleet for as long.
 * @throws Error with a clause that says what is wrong with it
 */
export function linearExpression(source: string): RegExp {
  try {
    new RegExp(source);
  } catch {
    throw new Error('is no valid regular expression');
  }
  if (!hasLinearEngine()) {
    throw new Error(
      `is a regular expression, which needs an engine that Node ${process.versions.node} lacks: use * and **`,
    );
  }
  try {
    return new RegExp(source, LINEAR);
  } catch {
    throw new Error(
      'has what cannot be matched in linear time: look-around, back references, and counts beyond 16 (also multiplied) are refused',
    );
  }
}
