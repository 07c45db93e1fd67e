import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Each rotation leaves a key that stays published as long as its tokens: they must not come faster than they go. */
const LEAST_MS = 10_000;
/** A whole of 127.0.0.0/8, also as IPv6 has it. */
const LOOPBACK = /^(?:::1$|(?:::ffff:)?127\.)/;

export interface AdminOptions {
  rotate(): Promise<string>;
  /** Proves from elsewhere that somebody may rotate keys, as the client `shop-traffic`. */
  clientSecret: string;
  now?: () => number;
}

/** `POST /admin/rotate` for those on this machine and those who know the client's secret; no more than one in ten seconds. */
export function registerAdmin(app: FastifyInstance, { rotate, clientSecret, now = Date.now }: AdminOptions): void {
  const credentials = `Basic ${Buffer.from(`shop-traffic:${clientSecret}`).toString('base64')}`;
  let rotatedAtMs = Number.NEGATIVE_INFINITY;
  app.post('/admin/rotate', async (request, reply) => {
    if (!isLocal(request) && !isSame(request.headers.authorization ?? '', credentials)) {
      reply.code(401).header('www-authenticate', 'Basic realm="identity"');
      return { error: 'unauthorized', message: 'This is done from this machine, or with the secret of shop-traffic.' };
    }
    const waitMs = rotatedAtMs + LEAST_MS - now();
    if (waitMs > 0) {
      reply.code(429).header('retry-after', String(Math.ceil(waitMs / 1_000)));
      return { error: 'too_many_requests', message: 'Keys were rotated a moment ago.' };
    }
    rotatedAtMs = now();
    return { kid: await rotate() };
  });
}

/** A page in a browser on this machine is somebody else's: it says where it is from. */
function isLocal({ ip, headers }: FastifyRequest): boolean {
  return LOOPBACK.test(ip) && headers.origin === undefined;
}

/** Takes the same time however much of it is right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
