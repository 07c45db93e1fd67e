/** Which variables a run was given, where any were. */
export function RunVariables({ variables }: { variables: Readonly<Record<string, string | null>> }) {
  const given = Object.entries(variables);
  if (given.length === 0) return null;
  return (
    <section className="run-variables" aria-label="Variables">
      <span className="muted">Run with</span>
      <dl>
        {given.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text === null ? <em>a secret, which is not kept</em> : text === '' ? <em>empty</em> : text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
