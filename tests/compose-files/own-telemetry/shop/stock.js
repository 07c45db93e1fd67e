const http = require('node:http');
const { inSpan, log, SERVER } = require('./otlp.js');

let boxes = 1000;
const server = http.createServer((request, response) => {
  if (request.url === '/health') return response.end('ok');
  const values = { 'http.request.method': request.method, 'http.route': '/' };
  return inSpan({ name: 'GET /', kind: SERVER, parent: request.headers.traceparent, values }, async (context) => {
    boxes -= 1;
    log(`${boxes} boxes are left`, context, boxes % 10 === 0 ? 'WARN' : 'INFO');
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ boxes }));
  });
});

server.listen(3000, () => console.log('stock is open'));
process.on('SIGTERM', () => process.exit(0));
