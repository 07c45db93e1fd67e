import { type DuckDBConnection, UINTEGER, VARCHAR } from '@duckdb/node-api';
import { writeRows } from './row-writer.ts';

/** A sender: the resource of OTLP, as the store knows it. */
export interface StoredResource {
  readonly id: number;
  /** `service.name`, or `unknown_service`. */
  readonly service: string;
  /** `service.instance.id`, or empty. */
  readonly instance: string;
  /** All attributes, as JSON text. */
  readonly attributes: string;
}

/** Beyond this many the oldest knowledge is dropped; a sender seen again is then stored again, which does no harm. */
const maxRemembered = 20_000;
const maxNameLength = 200;

function textOf(value: unknown, fallback: string): string {
  if (value === undefined || value === null || value === '') return fallback;
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, maxNameLength);
}

/** Numbers the senders of a run. New ones wait in `pending` until the store has written them. */
export class Resources {
  pending: StoredResource[] = [];
  private readonly byAttributes = new Map<string, StoredResource>();
  private nextId = 1;

  /** What an existing file holds already. */
  load(known: readonly StoredResource[]): void {
    for (const resource of known) {
      this.byAttributes.set(resource.attributes, resource);
      this.nextId = Math.max(this.nextId, resource.id + 1);
    }
  }

  /** The sender with these attributes (a JSON object's text), which becomes known if it is not. */
  intern(attributes: string): StoredResource {
    const known = this.byAttributes.get(attributes);
    if (known !== undefined) return known;
    const parsed = JSON.parse(attributes) as Record<string, unknown>;
    const resource: StoredResource = {
      id: this.nextId++,
      service: textOf(parsed['service.name'], 'unknown_service'),
      instance: textOf(parsed['service.instance.id'], ''),
      attributes,
    };
    if (this.byAttributes.size >= maxRemembered) this.byAttributes.clear();
    this.byAttributes.set(attributes, resource);
    this.pending.push(resource);
    return resource;
  }

  /** Writes what is pending; it stays so until `written`. */
  async write(connection: DuckDBConnection): Promise<void> {
    const rows = this.pending;
    await writeRows(
      connection,
      'resources',
      [UINTEGER, VARCHAR, VARCHAR, VARCHAR],
      [rows.map((r) => r.id), rows.map((r) => r.service), rows.map((r) => r.instance), rows.map((r) => r.attributes)],
    );
  }

  written(): void {
    this.pending = [];
  }
}
