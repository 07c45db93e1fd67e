'use strict';
// What faults are put on: HTTP that answers, streams and works, and TCP that echoes.
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');

const host = process.env.HOST || '0.0.0.0';
const held = [];

/** What the container's kernel counts of it (cgroup v2, v1); null outside of one. */
function memoryUsed() {
  for (const file of ['/sys/fs/cgroup/memory.current', '/sys/fs/cgroup/memory/memory.usage_in_bytes']) {
    try {
      return Number(fs.readFileSync(file, 'utf8'));
    } catch {}
  }
  return null;
}

/** How much of the time that it wanted the processor it had it, for so many ms: 1 where nothing else wants it. */
function shareOfProcessor(ms) {
  const began = process.hrtime.bigint();
  const before = process.cpuUsage();
  while (Number(process.hrtime.bigint() - began) < ms * 1e6);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (Number(process.hrtime.bigint() - began) / 1e6);
}

const routes = {
  '/': () => ({ pid: process.pid, uptime: process.uptime(), now: Date.now() }),
  '/cpu': (query) => ({ share: shareOfProcessor(Number(query.get('ms') || 400)) }),
  '/used': () => ({ bytes: memoryUsed() }),
  '/memory': () => {
    held.push(Buffer.alloc(16_000_000, 1));
    return { held: held.length };
  },
};

http
  .createServer((request, response) => {
    const url = new URL(request.url, 'http://here');
    if (url.pathname === '/bytes') return void response.end(Buffer.alloc(Number(url.searchParams.get('n')), 'x'));
    if (url.pathname === '/later') return void setTimeout(() => response.end('later'), 100);
    const answer = routes[url.pathname] || (() => ({ path: url.pathname, headers: request.headers }));
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('X-Kind', 'answer');
    response.end(JSON.stringify(answer(url.searchParams)));
  })
  .listen(Number(process.env.PORT), host);

// `close` is answered by an end; all else comes back.
net
  .createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => (data.toString().startsWith('close') ? socket.end('bye') : socket.write(data)));
  })
  .listen(Number(process.env.TCP_PORT), host);
