const http = require('node:http');
const { CLIENT, count, inSpan, log, SERVER } = require('./otlp.js');

const stock = new URL(process.env.STOCK_URL);

async function askStock(context) {
  const values = { 'server.address': stock.hostname, 'server.port': Number(stock.port), 'http.request.method': 'GET' };
  return inSpan({ name: 'GET', kind: CLIENT, parent: context, values }, async (own) => {
    const answer = await fetch(stock, { headers: { traceparent: own } });
    return answer.json();
  });
}

const server = http.createServer((request, response) => {
  if (request.url === '/health') return response.end('ok');
  const values = { 'http.request.method': request.method, 'http.route': '/' };
  return inSpan({ name: 'GET /', kind: SERVER, parent: request.headers.traceparent, values }, async (context) => {
    count();
    const { boxes } = await askStock(context);
    log(`a visitor sees ${boxes} boxes`, context);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ boxes }));
  }).catch((error) => {
    console.error(error);
    response.writeHead(502).end('sorry');
  });
});

server.listen(3000, () => console.log('front is open'));
process.on('SIGTERM', () => process.exit(0));
