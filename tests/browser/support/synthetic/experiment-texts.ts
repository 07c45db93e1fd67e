/** What an activity that puts a fault on looks like in a file. */
const inject = (name: string, fault: string): string => `  - type: action
    name: ${name}
    provider:
      type: http
      url: \${flotilla_url}/api/fault.add
      method: POST
      headers:
        Authorization: Bearer \${flotilla_token}
        Content-Type: application/json
      arguments: ${fault}
    pauses:
      after: 30`;

const measure = (name: string, arguments_: string): string => `    - type: probe
      name: ${name}
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
        arguments: ${arguments_}`;

/** `configuration` are lines of what may be set, beside what the engine supplies. */
function experiment(
  title: string,
  description: string,
  tags: string,
  probes: string,
  method: string,
  configuration = '',
): string {
  return `title: ${title}
description: ${description}
tags: [${tags}]

configuration:
  flotilla_url:
    type: env
    key: FLOTILLA_URL
  flotilla_token:
    type: env
    key: FLOTILLA_TOKEN
${configuration}
steady-state-hypothesis:
  title: Shoppers are served
  probes:
${probes}

method:
${method}

rollbacks: []
`;
}

const served = [
  measure('Few requests fail', '{ metric: error-rate, service: gateway, atMost: 0.05, withinSeconds: 20 }'),
  measure('Answers are quick', '{ metric: p95, service: gateway, atMost: 800, withinSeconds: 20 }'),
].join('\n');

/** The experiments of the made-up shop, by file name. The last cannot be run. */
export const EXPERIMENTS: Readonly<Record<string, string>> = {
  'slow-payments.yaml': experiment(
    'Slow payments',
    'Payments answer after two seconds. The circuit breaker of orders opens, and shoppers are told at once.',
    'latency, circuit-breaker',
    served,
    inject(
      'Payments are slow',
      '{ kind: latency, target: { kind: edge, from: orders, to: payments }, parameters: { latencyMs: 2000 }, forSeconds: "${slow_seconds}" }',
    ),
    `  # How long shoppers may wait for an answer.
  patience_ms: 800
  slow_seconds:
    type: env
    key: SLOW_SECONDS
    default: 30
    env_var_type: int
  ask_twice: false
  region:
    type: env
    key: SHOP_REGION
    default: eu
`,
  ),
  'dead-inventory.yaml': experiment(
    'Dead inventory',
    'Inventory is stopped for half a minute. Orders wait or are taken back, and no reservation is lost.',
    'saga, stop',
    served,
    inject('Inventory is gone', '{ kind: stop, target: { kind: service, service: inventory }, forSeconds: 30 }'),
  ),
  'kafka-gone.yaml': experiment(
    'Kafka gone for a minute',
    'The broker refuses connections. Orders go on, and events are delivered once it is back.',
    'kafka, outbox',
    served,
    inject('No broker', '{ kind: refuse, target: { kind: edge, from: orders, to: kafka }, forSeconds: 60 }'),
  ),
  'lossy-database.yaml': experiment(
    'A lossy database link',
    'A fifth of the connections of catalog to PostgreSQL break off.',
    'postgres, retry',
    served,
    inject(
      'Connections break off',
      '{ kind: reset, target: { kind: edge, from: catalog, to: postgres }, parameters: { percent: 20 }, forSeconds: 30 }',
    ),
  ),
  'half-written.yaml': `title: Half written
description: It has no method yet.
steady-state-hypothesis:
  title: Shoppers are served
  probes:
    - type: probe
      name: The front door answers
      tolerance: 200
      provider:
        type: python
        module: chaoslib
`,
};
