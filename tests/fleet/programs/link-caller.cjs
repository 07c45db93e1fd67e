// Calls another service, on a connection of its own each time: GET /ask gives what it answered, or how it failed.
const http = require('node:http');

const target = process.env.WEB_URL;

function ask() {
  return new Promise((done) => {
    http
      .get(target, { agent: false, timeout: 2000 }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => done(text));
      })
      .on('timeout', (request) => request?.destroy())
      .on('error', (error) => done(`failed: ${error.code}`));
  });
}

http
  .createServer(async (request, response) => {
    response.end(request.url === '/ask' ? await ask() : 'well');
  })
  .listen(Number(process.env.PORT), '127.0.0.1');
