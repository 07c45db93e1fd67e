/**
 * How a service reaches the telemetry that was preloaded before it. The two are separate bundles, so they meet at a
 * registered symbol rather than through a module.
 */
export interface Telemetry {
  /** Sends what is still buffered and stops. Never rejects. */
  shutdown(): Promise<void>;
}

const KEY = Symbol.for('flotilla-shop.telemetry');
const registry = globalThis as typeof globalThis & { [KEY]?: Telemetry };

/** Called once by the preloaded telemetry.ts. */
export function provideTelemetry(telemetry: Telemetry): void {
  registry[KEY] = telemetry;
}

/** Flushes and stops the telemetry; does nothing where none was preloaded (tests). */
export async function shutdownTelemetry(): Promise<void> {
  await registry[KEY]?.shutdown();
}
