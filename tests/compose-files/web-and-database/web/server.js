const http = require('node:http');
const { query } = require('./postgres.js');

async function answer(request) {
  if (request.url === '/health') return { ok: (await query('select 1'))[0][0] === '1' };
  const [[id]] = await query('insert into visits default values returning id');
  return { greeting: process.env.GREETING, visit: Number(id) };
}

const server = http.createServer(async (request, response) => {
  const started = Date.now();
  try {
    const body = JSON.stringify(await answer(request));
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    if (request.url !== '/health') console.log(`${request.method} ${request.url} 200 in ${Date.now() - started} ms`);
  } catch (error) {
    console.error(error.stack);
    response.writeHead(500).end('sorry');
  }
});

server.listen(3000, () => console.log('the guest book is open on port 3000'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
