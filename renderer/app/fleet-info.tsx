import { Popover } from 'radix-ui';
import type { FleetView } from '../../main/contract/index.ts';
import { Button, CopyButton, plural, Since } from '../ui/index.ts';
import { AttachNote } from './attach-note.tsx';
import { useEngineState } from './engine-context.tsx';

/** The fleet's name; opens what is to know about it: file, runtime, what that runtime cannot do, warnings, OTLP. */
export function FleetInfo({ fleet }: { fleet: FleetView }) {
  const otlp = useEngineState((state) => state.otlp);
  const missing = fleet.capabilities.filter((one) => !one.available);
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button
          look="quiet"
          className="top-bar-fleet"
          aria-label={`Fleet ${fleet.name}: details${fleet.warnings.length > 0 ? `, ${plural(fleet.warnings.length, 'warning')}` : ''}`}
        >
          {fleet.name}
          {fleet.warnings.length > 0 && <span className="top-bar-count">⚠ {fleet.warnings.length}</span>}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover fleet-info" align="start" sideOffset={6} collisionPadding={8}>
          <dl>
            {fleet.file !== '' && (
              <>
                <dt>File</dt>
                <dd>
                  {fleet.file} <CopyButton text={fleet.file} what="path" />
                </dd>
              </>
            )}
            <dt>Runtime</dt>
            <dd>{fleet.runtimeReason}</dd>
            {fleet.startedAt && (
              <>
                <dt>{fleet.attached ? 'Attached for' : 'Up for'}</dt>
                <dd>
                  <Since time={fleet.startedAt} />
                </dd>
              </>
            )}
            {otlp && (
              <>
                <dt>OTLP</dt>
                <dd className="mono">
                  {otlp.http}
                  <br />
                  {otlp.grpc} (gRPC)
                </dd>
              </>
            )}
          </dl>
          {fleet.attached && (
            <section>
              <h3>Attached</h3>
              <AttachNote attached={fleet.attached} />
            </section>
          )}
          {missing.length > 0 && (
            <section>
              <h3>What this runtime cannot do</h3>
              <ul>
                {missing.map((one) => (
                  <li key={one.name}>
                    {one.name}: <span className="muted">{one.reason}</span>
                  </li>
                ))}
              </ul>
            </section>
          )}
          {fleet.warnings.length > 0 && (
            <section>
              <h3>{plural(fleet.warnings.length, 'warning')} about the fleet file</h3>
              <ul>
                {fleet.warnings.map((warning) => (
                  <li key={`${warning.file}:${warning.line}:${warning.column}:${warning.message}`}>
                    {warning.path !== '' && <span className="mono">{warning.path}: </span>}
                    {warning.message}{' '}
                    <span className="faint mono">
                      {warning.file.split(/[\\/]/).at(-1)}:{warning.line}:{warning.column}
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
