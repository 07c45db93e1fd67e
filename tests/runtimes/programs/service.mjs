// A service that does what the tests of runtimes need: MODE says what.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const { MODE = 'serve', PORT } = process.env;

const serve = () =>
  createServer((request, response) => {
    if (request.url === '/environment') response.end(JSON.stringify(process.env));
    else if (request.url === '/sick') response.writeHead(503).end('no database');
    else response.end('well');
  }).listen(Number(PORT), process.env.BIND ?? '127.0.0.1', () => console.log(`serving on ${PORT}`));

const keepRunning = () => setInterval(() => undefined, 60_000);

const modes = {
  serve() {
    serve();
    process.on('SIGTERM', () => {
      console.log('closing');
      process.exit(0);
    });
  },
  deaf() {
    process.on('SIGTERM', () => console.log('did not hear that'));
    console.log('running');
    keepRunning();
  },
  count() {
    let count = 0;
    setInterval(() => {
      for (let n = 0; n < 10; n += 1) console.log(`line ${count++}`);
    }, 5);
  },
  burn() {
    // In a child: what a service started counts too.
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'inherit' });
    keepRunning();
  },
  parent() {
    // One child in the group, one in a session of its own.
    const inGroup = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60000)'], { stdio: 'ignore' });
    const apart = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60000)'], { stdio: 'ignore', detached: true });
    console.log(`children ${inGroup.pid} ${apart.pid}`);
    keepRunning();
  },
  fail() {
    console.error('last words');
    process.stdout.write('and no newline', () => process.exit(3));
  },
};

modes[MODE]();
