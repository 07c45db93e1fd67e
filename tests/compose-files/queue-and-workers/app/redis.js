// A Redis client that needs no package: commands one after the other over one connection (RESP2).
const net = require('node:net');

/** One reply at the start of the text, and the rest; undefined while it is not complete. */
function parse(text) {
  const end = text.indexOf('\r\n');
  if (end < 0) return undefined;
  const [kind, line] = [text[0], text.slice(1, end)];
  let rest = text.slice(end + 2);
  if (kind === '-') return { value: new Error(line), rest };
  if (kind === ':') return { value: Number(line), rest };
  if (kind === '+' || Number(line) < 0) return { value: kind === '+' ? line : null, rest };
  if (kind === '$') {
    const length = Number(line);
    return rest.length < length + 2 ? undefined : { value: rest.slice(0, length), rest: rest.slice(length + 2) };
  }
  const items = [];
  for (let left = Number(line); left > 0; left -= 1) {
    const item = parse(rest);
    if (item === undefined) return undefined;
    items.push(item.value);
    rest = item.rest;
  }
  return { value: items, rest };
}

/** A function that carries out a command: `await redis('LPUSH', key, value)`. Ends the program when the queue is lost. */
exports.connect = () => {
  const { hostname, port } = new URL(process.env.QUEUE_URL);
  const socket = net.connect(Number(port || 6379), hostname);
  const waiting = [];
  let text = '';
  const lost = (error) => {
    console.error(`the queue is lost: ${error?.message ?? 'it closed the connection'}`);
    process.exit(1);
  };
  socket
    .setEncoding('utf8')
    .on('error', lost)
    .on('close', () => lost());
  socket.on('data', (data) => {
    text += data;
    for (let reply = parse(text); reply !== undefined; reply = parse(text)) {
      text = reply.rest;
      const asked = waiting.shift();
      // What nobody asked for is that the server refuses the connection.
      if (asked === undefined) lost(reply.value);
      else if (reply.value instanceof Error) asked.reject(reply.value);
      else asked.resolve(reply.value);
    }
  });
  return (...words) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      const parts = words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`);
      socket.write(`*${words.length}\r\n${parts.join('')}`);
    });
};
