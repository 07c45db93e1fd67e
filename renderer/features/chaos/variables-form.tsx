import { type FormEvent, useId, useRef } from 'react';
import type { ExperimentVariable } from '../../../main/contract/index.ts';
import { cx, IconButton, KeyHint, plural } from '../../ui/index.ts';
import { type GivenValues, isChanged, originalText, originText, shownText, valueSentence } from './given-values.ts';

/** What an experiment may be given before it is started. Enter in any field starts it. */
export function VariablesForm({
  variables,
  given,
  whyNot,
  onGive,
  onRun,
}: {
  variables: readonly ExperimentVariable[];
  given: GivenValues;
  /** Why it cannot be started; undefined where it can. */
  whyNot: string | undefined;
  onGive: (name: string, text: string | null) => void;
  onRun: () => void;
}) {
  const changed = variables.filter((one) => isChanged(one, given)).length;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (whyNot === undefined) onRun();
  };
  return (
    <form className="variables" onSubmit={submit} aria-label="Variables">
      <h2>
        Variables
        {changed > 0 && <span className="variables-changed">{plural(changed, 'change')} for the next run</span>}
        <span className="variables-key">
          <KeyHint keys="Enter" /> runs it
        </span>
      </h2>
      {variables.map((variable) => (
        <VariableField key={variable.name} variable={variable} given={given} onGive={onGive} />
      ))}
      {/* Without a button, Enter submits a form only where it has a single field. */}
      <button type="submit" hidden disabled={whyNot !== undefined} />
    </form>
  );
}

function VariableField({
  variable,
  given,
  onGive,
}: {
  variable: ExperimentVariable;
  given: GivenValues;
  onGive: (name: string, text: string | null) => void;
}) {
  const id = useId();
  const field = useRef<HTMLInputElement & HTMLSelectElement>(null);
  const { name, type } = variable;
  const changed = isChanged(variable, given);
  const problem = valueSentence(variable, given);
  const shared = {
    id,
    ref: field,
    value: shownText(variable, given),
    'aria-invalid': problem !== null,
    'aria-describedby': `${id}-note`,
  };
  const reset = (): void => {
    onGive(name, null);
    // The button goes away with the change; keys go on from the field.
    field.current?.focus();
  };
  return (
    <div className={cx('variable', changed && 'variable-changed')}>
      <label htmlFor={id} title={name}>
        {name}
      </label>
      {type === 'boolean' ? (
        <select
          {...shared}
          onChange={(event) => onGive(name, event.target.value)}
          onKeyDown={(event) => {
            // A list does not submit its form by itself.
            if (event.key !== 'Enter') return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
        >
          <option>true</option>
          <option>false</option>
        </select>
      ) : (
        <input
          {...shared}
          type="text"
          inputMode={type === 'number' || type === 'integer' ? 'decimal' : 'text'}
          autoComplete="off"
          spellCheck={false}
          placeholder={variable.default === null ? 'not in the file' : undefined}
          onChange={(event) => onGive(name, event.target.value)}
        />
      )}
      {changed && <IconButton icon="restart" label={`Reset ${name}`} onClick={reset} />}
      <p id={`${id}-note`} className={problem === null ? 'faint' : 'tone-error'}>
        {problem ?? (changed ? originalText(variable) : originText(variable))}
      </p>
    </div>
  );
}
