import { jobQueue } from './rabbitmq-layout.ts';

/**
 * What the services tell each other over Kafka: the topics and the shapes of the messages. They carry the state that a
 * reader needs (event-carried state transfer), so nobody has to call back. A reader takes the fields that it knows and
 * ignores the rest; a new field is compatible, a changed one is a new type.
 */
export const TOPICS = {
  /** Keyed by order. */
  orderEvents: 'order-events',
  /** Keyed by order; taken by the competing workers of shipping. */
  shippingJobs: 'shipping-jobs',
  shippingJobsDead: 'shipping-jobs-dead',
  /** Keyed by order. */
  shippingEvents: 'shipping-events',
  /** Keyed by customer; the gateway pushes them to browsers. */
  customerMessages: 'customer-messages',
} as const;

/** Where RabbitMQ carries the shipping jobs instead of Kafka. Three tries, as there. */
export const SHIPPING_QUEUE = jobQueue(TOPICS.shippingJobs, [500, 2_000]);

export interface OrderLine {
  sku: string;
  quantity: number;
  priceCents: number;
}

/** On `order-events`. */
export interface OrderMessage {
  /** Unique for each event; repeated deliveries carry the same. */
  id: string;
  type: 'OrderPlaced' | 'OrderConfirmed' | 'OrderRejected';
  orderId: string;
  customerId: string;
  items: OrderLine[];
  totalCents: number;
  /** Why, on OrderRejected. */
  reason?: string;
  /** True on the OrderRejected of an order that had been confirmed: what was sold comes back. */
  wasConfirmed?: boolean;
  /** ISO 8601. */
  occurredAt: string;
}

/** On `shipping-jobs`, the queue or the topic: pack this and hand it over. */
export interface ShippingJob {
  orderId: string;
  customerId: string;
  items: OrderLine[];
}

/** On `shipping-events`. */
export interface ShippingMessage {
  /** Unique for each event; repeated deliveries carry the same. */
  id: string;
  type: 'ParcelShipped' | 'ParcelFailed';
  orderId: string;
  customerId: string;
  parcelId: string;
  /** Why, on ParcelFailed. */
  reason?: string;
  occurredAt: string;
}

/** On `customer-messages`. */
export interface CustomerMessage {
  id: string;
  customerId: string;
  orderId: string;
  /** What it is about: the type of the message that caused it. */
  kind: string;
  text: string;
  occurredAt: string;
}

/**
 * Takes a message's value for a T if it has the given text fields, or gives a sentence on what is wrong with it. Anybody
 * can write to a topic; one odd message must not stop those behind it.
 */
export function readMessage<T extends object>(
  value: unknown,
  required: ReadonlyArray<keyof T & string>,
): { message: T; problem?: undefined } | { message?: undefined; problem: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { problem: 'it is not a JSON object' };
  const fields = value as Record<string, unknown>;
  for (const name of required) {
    if (typeof fields[name] !== 'string') return { problem: `its field "${name}" is not a text` };
  }
  if ('items' in fields && !(Array.isArray(fields.items) && fields.items.every(isLine))) {
    return { problem: 'its field "items" is not a list of order lines' };
  }
  return { message: value as T };
}

function isLine(value: unknown): value is OrderLine {
  if (typeof value !== 'object' || value === null) return false;
  const { sku, quantity, priceCents } = value as Record<string, unknown>;
  return (
    typeof sku === 'string' &&
    Number.isSafeInteger(quantity) &&
    Number.isSafeInteger(priceCents) &&
    Number(quantity) > 0 &&
    Number(priceCents) >= 0
  );
}
