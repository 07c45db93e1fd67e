import { type ExperimentVariable, variableProblem } from '../../../main/contract/index.ts';

/** What stands in the fields of an experiment's variables, by their names; what is absent is as the file has it. */
export type GivenValues = Readonly<Record<string, string>>;

/** What the field of a variable shows. */
export function shownText({ name, default: otherwise }: ExperimentVariable, given: GivenValues): string {
  return given[name] ?? otherwise ?? '';
}

/**
 * Whether a variable has another value than without what is given. Where the environment counts before the file, giving the
 * file's own value is a change, too.
 */
export function isChanged({ name, default: otherwise, environment }: ExperimentVariable, given: GivenValues): boolean {
  const text = given[name];
  return text !== undefined && (environment !== null || text !== otherwise);
}

/** What an experiment is started with: changed values alone, of variables that it still has. */
export function changedValues(variables: readonly ExperimentVariable[], given: GivenValues): Record<string, string> {
  const changed = variables.filter((one) => isChanged(one, given));
  return Object.fromEntries(changed.map((one) => [one.name, shownText(one, given)]));
}

/** What is wrong with a variable's value, in the engine's words as a sentence; null where nothing is. */
export function valueSentence(variable: ExperimentVariable, given: GivenValues): string | null {
  const problem = isChanged(variable, given) ? variableProblem(variable, shownText(variable, given)) : null;
  return problem === null ? null : `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`;
}

/** Where the value of a variable is from. */
export function originText({ default: otherwise, environment }: ExperimentVariable): string {
  if (environment === null) return 'Fixed in the file';
  return `${environment} of the environment${otherwise === null ? '' : ', else this'}`;
}

/** What a changed variable would be without that. */
export function originalText({ default: otherwise, environment }: ExperimentVariable): string {
  const original = [environment, otherwise].filter((one) => one !== null);
  return `Changed from ${original.map((one) => one || 'nothing').join(', else ')}`;
}

/** Null: a secret was among what was given, which is not kept, so that it cannot be given again. */
export function givenAgain(variables: Readonly<Record<string, string | null>>): Record<string, string> | null {
  const known = Object.entries(variables).flatMap(([name, text]) => (text === null ? [] : [[name, text] as const]));
  return known.length === Object.keys(variables).length ? Object.fromEntries(known) : null;
}
