import type { ExperimentCheck, StepOutline } from '../../../main/contract/index.ts';
import { Chip, FaultFlag, Icon } from '../../ui/index.ts';

type OutlineView = NonNullable<ExperimentCheck['outline']>;

const SECTIONS: readonly { readonly section: StepOutline['section']; readonly title: string; readonly none: string }[] =
  [
    { section: 'hypothesis', title: 'Steady state', none: 'Nothing is asked: it cannot deviate.' },
    { section: 'method', title: 'Method', none: 'Nothing is done.' },
    { section: 'rollbacks', title: 'Rollbacks', none: 'None: its faults end by themselves.' },
  ];

/** What an experiment would do, step by step. */
export function Outline({ outline }: { outline: OutlineView }) {
  const offered = new Set(outline.variables.map((one) => one.name));
  const configuration = Object.entries(outline.configuration).filter(([key]) => !offered.has(key));
  return (
    <div className="outline">
      {outline.description !== '' && <p className="muted">{outline.description}</p>}
      {outline.tags.length > 0 && (
        <p className="outline-tags">
          {outline.tags.map((tag) => (
            <Chip key={tag}>{tag}</Chip>
          ))}
        </p>
      )}
      {SECTIONS.map(({ section, title, none }) => {
        const steps = outline.steps.filter((step) => step.section === section);
        return (
          <section key={section}>
            <h2>
              {title}
              {section === 'hypothesis' && outline.hypothesis !== null && <span> · {outline.hypothesis}</span>}
            </h2>
            {steps.length === 0 ? (
              <p className="faint">{none}</p>
            ) : (
              <ol>
                {steps.map((step, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: steps may have the same name, and are known by their order
                  <Step key={index} step={step} />
                ))}
              </ol>
            )}
          </section>
        );
      })}
      <section>
        <h2>Stops early when</h2>
        {outline.stopConditions.length === 0 ? (
          <p className="faint">Never by itself.</p>
        ) : (
          <ul className="outline-stops">
            {outline.stopConditions.map((condition) => (
              <li key={condition}>{condition}</li>
            ))}
          </ul>
        )}
      </section>
      {configuration.length > 0 && (
        <section>
          <h2>Configuration</h2>
          <dl className="outline-configuration">
            {configuration.map(([key, value]) => (
              <div key={key}>
                <dt>{key}</dt>
                <dd className="truncate">{value}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}

function Step({ step }: { step: StepOutline }) {
  return (
    <li className="outline-step">
      <Icon name={step.type === 'probe' ? 'eye' : 'play'} />
      <div>
        <b>{step.name}</b>
        <span className="visually-hidden"> ({step.type})</span>
        {step.background && <span className="faint"> in the background</span>}
        {step.fault !== null ? (
          <p>
            <FaultFlag text={step.fault.replace(':', ' → ')} />
          </p>
        ) : (
          <p className="faint mono truncate" title={step.what}>
            {step.what}
          </p>
        )}
      </div>
    </li>
  );
}
