const fs = require('node:fs');
const os = require('node:os');
const redis = require('./redis.js').connect();

async function work() {
  for (;;) {
    const found = await redis('BRPOP', process.env.QUEUE_KEY, 5);
    if (found === null) continue;
    const { number, damaged } = JSON.parse(found[1]);
    if (damaged) throw new Error(`picture ${number} is damaged`);
    fs.writeFileSync('/tmp/thumbnails/last', String(number));
    await redis('INCR', 'done');
    console.log(`${os.hostname()} made thumbnail ${number}`);
  }
}

process.on('SIGTERM', () => process.exit(0));
work().catch((error) => {
  console.error(error);
  process.exit(1);
});
