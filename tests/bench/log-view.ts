import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import type { ApiHandlers, LogRecord, TraceId } from '../../main/contract/index.ts';
import { startServer } from '../../main/engine/server/index.ts';
import { createSyntheticEngine } from '../browser/support/synthetic-engine.ts';
import { chromiumArgs, findChromium, noChromium } from '../support/chromium.ts';
import { projectRoot } from '../support/flotilla.ts';
import type { Figure } from './figure.ts';

const linesPerSecond = 5000;
/** As the engine batches them. */
const batchMs = 100;
const warmUpMs = 5000;
const measuredMs = 8000;
/** What this browser draws of a page on which nothing happens: more than that no page reaches. */
const emptyMs = 3000;
const services = ['gateway', 'orders', 'payments', 'inventory', 'shipping', 'notifications'];
const levels = ['info', 'info', 'info', 'info', 'debug', 'warn', 'error'] as const;

function lineAt(seq: number): LogRecord {
  const service = services[seq % services.length] ?? 'orders';
  return {
    seq,
    time: new Date().toISOString(),
    service,
    instance: `${service}-1`,
    level: levels[seq % levels.length] ?? 'info',
    message: `order ${seq.toString(16)} took ${seq % 900} ms and went on to the next step of its saga`,
    traceId: seq.toString(16).padStart(32, '0') as TraceId,
    spanId: null,
    attributes: { 'order.id': seq.toString(16), attempt: seq % 3, 'user.id': String(seq % 900) },
    source: 'stdout',
  };
}

interface Hose {
  readonly handlers: Pick<ApiHandlers, 'logs.tail' | 'logs.credit'>;
  sent: number;
  skipped: number;
}

/** A live log of 5,000 lines a second that keeps to its reader's credits, as the engine's does. */
function logHose(): Hose {
  const credits = new Map<string, number>();
  const hose: Hose = {
    sent: 0,
    skipped: 0,
    handlers: {
      'logs.tail': async function* (input, signal) {
        const streamId = randomBytes(8).toString('hex');
        credits.set(streamId, input.credits);
        const beganMs = performance.now();
        // Far above what the synthetic store has numbered.
        let seq = 1e9;
        let made = 0;
        while (!signal.aborted) {
          await delay(batchMs);
          const due = Math.floor(((performance.now() - beganMs) / 1000) * linesPerSecond) - made;
          made += due;
          const given = Math.min(due, credits.get(streamId) ?? 0);
          credits.set(streamId, (credits.get(streamId) ?? 0) - given);
          hose.sent += given;
          hose.skipped += due - given;
          const lines = Array.from({ length: given }, () => lineAt(seq++));
          yield { streamId, lines, skipped: due - given };
        }
      },
      'logs.credit': ({ streamId, credits: more }) => {
        credits.set(streamId, (credits.get(streamId) ?? 0) + more);
      },
    },
  };
  return hose;
}

/** Bytes of JavaScript in use after collecting what is not. */
async function heapBytes(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  return usedSize;
}

interface Frames {
  readonly perSecond: number;
  readonly slowestMs: number;
}

/** Counts animation frames: what the page could have drawn. */
async function countFrames(page: Page, ms: number): Promise<Frames> {
  return page.evaluate(
    (ms) =>
      new Promise<{ perSecond: number; slowestMs: number }>((resolve) => {
        const beganMs = performance.now();
        let lastMs = beganMs;
        let slowestMs = 0;
        let frames = 0;
        const next = (nowMs: number): void => {
          frames += 1;
          slowestMs = Math.max(slowestMs, nowMs - lastMs);
          lastMs = nowMs;
          if (nowMs - beganMs < ms) requestAnimationFrame(next);
          else resolve({ perSecond: (frames * 1000) / (nowMs - beganMs), slowestMs });
        };
        requestAnimationFrame(next);
      }),
    ms,
  );
}

/** The console's Logs view following 5,000 lines a second in a real browser, over the real server: frames, memory, losses. */
export async function benchLogView(): Promise<Figure[]> {
  const executablePath = findChromium();
  if (!executablePath) {
    console.warn(`log view not measured: ${noChromium}`);
    return [];
  }
  const rendererDir = join(projectRoot, 'dist/renderer');
  const engine = createSyntheticEngine();
  const hose = logHose();
  const token = randomBytes(24).toString('hex');
  const server = await startServer({ handlers: { ...engine.handlers, ...hose.handlers }, token, rendererDir, port: 0 });
  const browser = await chromium.launch({ executablePath, args: [...chromiumArgs] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const empty = await countFrames(page, emptyMs);
    await page.goto(`${server.url}/logs#token=${token}`);
    await page.getByRole('treegrid', { name: 'Log lines' }).waitFor();
    const devtools = await page.context().newCDPSession(page);
    // The ring is full after four seconds: memory is flat from then on.
    await delay(warmUpMs);
    const before = await heapBytes(devtools);
    const [sent, skipped] = [hose.sent, hose.skipped];
    const frames = await countFrames(page, measuredMs);
    const shown = (hose.sent - sent) / (measuredMs / 1000);
    const lost = hose.skipped - skipped;
    const after = await heapBytes(devtools);
    return [
      {
        name: 'log view: frames a second at 5,000 lines/s',
        unit: 'fps',
        value: frames.perSecond,
        budget: 60,
        peer: { name: 'an empty page', value: empty.perSecond },
      },
      { name: 'log view: slowest frame', unit: 'ms', value: frames.slowestMs, lowerIsBetter: true },
      { name: 'log view: lines shown', unit: 'lines/s', value: shown, budget: linesPerSecond },
      { name: 'log view: lines skipped', unit: 'lines', value: lost, lowerIsBetter: true },
      { name: 'log view: JavaScript heap with a full list', unit: 'MB', value: before / 1e6, lowerIsBetter: true },
      {
        name: 'log view: heap after 8 s more, of what it was',
        unit: '×',
        value: after / before,
        budget: 1.1,
        lowerIsBetter: true,
      },
    ];
  } finally {
    await browser.close();
    engine.close();
    await server.close();
  }
}
