/** What a new experiment begins with: a hypothesis that asks the fleet's front door, one fault, and its end. */
export const newExperiment = (title: string): string => `title: ${JSON.stringify(title)}
description: What you expect to hold, and why it may not.
tags: []

# The engine gives both; under Chaos Toolkit itself: flotilla experiment env
configuration:
  flotilla_url: { type: env, key: FLOTILLA_URL }

secrets:
  flotilla:
    flotilla_token: { type: env, key: FLOTILLA_TOKEN }

steady-state-hypothesis:
  title: Requests are served
  probes:
    - type: probe
      name: Few requests fail
      # With \`require\` the engine answers 200 only where the measure is within its bound.
      tolerance: 200
      provider:
        type: http
        url: \${flotilla_url}/api/probe.measure
        method: POST
        headers: &api { Content-Type: application/json, Authorization: "Bearer \${flotilla_token}" }
        timeout: 30
        arguments:
          require: true
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
      headers: *api
      timeout: 30
      arguments:
        kind: http-delay
        target: { kind: edge, from: orders, to: payments }
        parameters: { latencyMs: 2000, percent: 50 }
        # Gone by itself though nobody were there any more to end it.
        forSeconds: 60
        experiment: ${JSON.stringify(title)}
    pauses:
      after: 30

rollbacks:
  - type: action
    name: Answers come as before
    provider:
      type: http
      url: \${flotilla_url}/api/fault.clear
      method: POST
      headers: *api
      timeout: 30
      arguments:
        experiment: ${JSON.stringify(title)}
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
