'use strict';
// Whose calls faults are in the way of: does what it is asked to, and says how that went.
const http = require('node:http');
const net = require('node:net');

const host = process.env.HOST || '0.0.0.0';
const addresses = { target: process.env.TARGET_TCP, db: process.env.DATABASE };
const urls = { target: process.env.TARGET_URL, twins: process.env.TWIN_URL };
const since = (began) => Number(process.hrtime.bigint() - began) / 1e6;

function get(path, { method = 'GET', headers = {}, timeoutMs = 2000, to = 'target', url = urls[to] } = {}) {
  const began = process.hrtime.bigint();
  return new Promise((done) => {
    const request = http.request(url + path, { method, headers, agent: false }, (response) => {
      let text = '';
      let chunks = 0;
      let firstMs = null;
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        firstMs ??= since(began);
        chunks += 1;
        text += chunk;
      });
      response.on('end', () =>
        done({
          status: response.statusCode,
          headers: response.headers,
          text: text.slice(0, 2000),
          bytes: text.length,
          chunks,
          firstMs,
          ms: since(began),
        }),
      );
      response.on('error', (error) =>
        done({ failed: error.code || error.message, bytes: text.length, ms: since(began) }),
      );
    });
    request.setTimeout(timeoutMs, () => request.destroy(Object.assign(new Error('late'), { code: 'LATE' })));
    request.on('error', (error) => done({ failed: error.code || error.message, ms: since(began) }));
    request.end();
  });
}

function tcp({ to = 'target', send = 'hello', waitMs = 2000 } = {}) {
  const [tcpHost, tcpPort] = addresses[to].split(':');
  const began = process.hrtime.bigint();
  return new Promise((done) => {
    let bytes = 0;
    let firstMs = null;
    const socket = net.connect(Number(tcpPort), tcpHost);
    const finish = (more) => {
      clearTimeout(timer);
      socket.destroy();
      done({ bytes, firstMs, ms: since(began), ...more });
    };
    const timer = setTimeout(() => finish({ failed: 'LATE' }), waitMs);
    // Only whether there is anybody: what they speak is not known here.
    socket.on('connect', () => (to === 'target' ? socket.write(send) : setTimeout(() => finish({}), 100)));
    socket.on('data', (data) => {
      firstMs ??= since(began);
      bytes += data.length;
      if (!send.startsWith('close') && bytes >= send.length) finish({});
    });
    socket.on('end', () => finish({ ended: true }));
    socket.on('error', (error) => finish({ failed: error.code }));
  });
}

const acts = { get: ({ path, ...more }) => get(path, more), tcp };

http
  .createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', async () => {
      response.setHeader('Content-Type', 'application/json');
      if (body === '') return void response.end('{}');
      const { act, times = 1, ...options } = JSON.parse(body);
      const results = [];
      for (let n = 0; n < times; n += 1) results.push(await acts[act](options));
      response.end(JSON.stringify(results));
    });
  })
  .listen(Number(process.env.PORT), host);
