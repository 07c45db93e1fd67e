const redis = require('./redis.js').connect();

let number = 0;
console.log(`finding ${process.env.PICTURES_PER_SECOND} pictures a second`);
setInterval(() => {
  number += 1;
  // One picture is damaged: whoever gets it fails, once.
  void redis('LPUSH', process.env.QUEUE_KEY, JSON.stringify({ number, damaged: number === 10 }));
}, 1000 / Number(process.env.PICTURES_PER_SECOND));
process.on('SIGTERM', () => process.exit(0));
