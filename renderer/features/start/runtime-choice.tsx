import type { RuntimeKind, RuntimeView } from '../../../main/contract/index.ts';
import { plural } from '../../ui/index.ts';

const NAMES: Readonly<Record<RuntimeKind, string>> = {
  process: 'Processes',
  docker: 'Docker',
  kubernetes: 'Kubernetes',
};

/** What the fleet is to run on: each runtime with what was found of it, or why it cannot be used and what to do. */
export function RuntimeChoice({
  runtimes,
  value,
  onChange,
}: {
  runtimes: readonly RuntimeView[];
  value: RuntimeKind | null;
  onChange: (kind: RuntimeKind) => void;
}) {
  return (
    <fieldset className="runtime-choice">
      <legend>It runs on</legend>
      {runtimes.map((runtime) => (
        <label key={runtime.kind} className={runtime.available ? undefined : 'runtime-away'}>
          <input
            type="radio"
            name="runtime"
            value={runtime.kind}
            checked={runtime.kind === value}
            disabled={!runtime.available}
            onChange={() => onChange(runtime.kind)}
          />
          <span>
            <b>{NAMES[runtime.kind]}</b> <span className="muted">{detailOf(runtime)}</span>
            {!runtime.available && (
              <span className="runtime-note">
                {runtime.reason} {runtime.remedy}
              </span>
            )}
            {runtime.available && imageWords(runtime) !== '' && (
              <span className="runtime-note">{imageWords(runtime)}</span>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** The name stands before it already. */
function detailOf({ kind, detail }: RuntimeView): string {
  if (detail === null) return 'cannot be used here';
  return detail.startsWith(`${NAMES[kind]} `) ? detail.slice(NAMES[kind].length + 1) : detail;
}

/** What starting would have to fetch or make first. */
function imageWords({ images }: RuntimeView): string {
  const missing = new Set(images.flatMap((one) => one.missing));
  const toBuild = images.filter((one) => one.action === 'build' && !one.present).length;
  return [
    missing.size > 0 && `${plural(missing.size, 'image')} will be pulled first`,
    toBuild > 0 && `${plural(toBuild, 'image')} will be built first`,
  ]
    .filter(Boolean)
    .join(', ');
}
