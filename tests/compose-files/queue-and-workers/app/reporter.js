const http = require('node:http');
const redis = require('./redis.js').connect();

http
  .createServer(async (_request, response) => {
    const [done, waiting] = [await redis('GET', 'done'), await redis('LLEN', process.env.QUEUE_KEY)];
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ done: Number(done), waiting }));
  })
  .listen(8080, () => console.log('reporting on port 8080'));
process.on('SIGTERM', () => process.exit(0));
