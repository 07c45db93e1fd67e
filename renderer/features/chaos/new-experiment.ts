/** What a new experiment begins with: a hypothesis that asks the fleet's front door, one fault, and when to stop. */
export const newExperiment = (title: string): string => `title: ${title}
description: What you expect to hold, and why it may not.
tags: []

# The engine gives both; under Chaos Toolkit itself: flotilla experiment env
configuration:
  flotilla_url:
    type: env
    key: FLOTILLA_URL
  flotilla_token:
    type: env
    key: FLOTILLA_TOKEN

steady-state-hypothesis:
  title: Requests are served
  probes:
    - type: probe
      name: Few requests fail
      tolerance:
        type: jsonpath
        path: $.result.data.met
        target: body
        expect: [true]
      provider:
        type: http
        url: \${flotilla_url}/api/probe.measure
        method: POST
        headers:
          Authorization: Bearer \${flotilla_token}
          Content-Type: application/json
        arguments:
          metric: error-rate
          atMost: 0.05
          withinSeconds: 20

method:
  - type: action
    name: Answers come late
    provider:
      type: http
      url: \${flotilla_url}/api/fault.add
      method: POST
      headers:
        Authorization: Bearer \${flotilla_token}
        Content-Type: application/json
      arguments:
        kind: latency
        target: { kind: edge, from: orders, to: payments }
        parameters: { latencyMs: 2000, percent: 50 }
        forSeconds: 30
    pauses:
      after: 30

rollbacks: []
`;

/** A file name out of what somebody typed as a title: \`Slow payments\` is \`slow-payments.yaml\`. */
export function fileNameOf(title: string): string {
  const words = title
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80);
  return words === '' ? '' : `${words}.yaml`;
}
