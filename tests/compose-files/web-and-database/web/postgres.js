// A PostgreSQL client that needs no package: one connection for each query, SCRAM-SHA-256 (RFC 7677), text results.
const crypto = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');

const url = new URL(process.env.DATABASE_URL);
const password = fs.readFileSync(process.env.DATABASE_PASSWORD_FILE, 'utf8').trim();
const hmac = (key, text) => crypto.createHmac('sha256', key).update(text).digest();

function message(type, ...parts) {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'number' ? int32(part) : Buffer.from(part))));
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value) {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

/** The client's proof that it knows the password. */
function proof(first, challenge) {
  const { r, s, i } = Object.fromEntries(challenge.split(',').map((part) => [part[0], part.slice(2)]));
  const salted = crypto.pbkdf2Sync(password, Buffer.from(s, 'base64'), Number(i), 32, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  const final = `c=biws,r=${r}`;
  const signature = hmac(crypto.createHash('sha256').update(clientKey).digest(), `${first},${challenge},${final}`);
  return `${final},p=${clientKey.map((byte, index) => byte ^ signature[index]).toString('base64')}`;
}

function errorOf(body) {
  const fields = body.toString().split('\0');
  return new Error(fields.find((field) => field.startsWith('M'))?.slice(1) ?? 'the database refused');
}

function rowOf(body) {
  const row = [];
  let at = 2;
  for (let left = body.readInt16BE(0); left > 0; left -= 1) {
    const length = body.readInt32BE(at);
    at += 4;
    row.push(length < 0 ? null : body.toString('utf8', at, at + Math.max(0, length)));
    at += Math.max(0, length);
  }
  return row;
}

/** The rows of a statement, each a list of texts. */
exports.query = (sql) =>
  new Promise((resolve, reject) => {
    const socket = net.connect(Number(url.port || 5432), url.hostname);
    const first = `n=,r=${crypto.randomBytes(18).toString('base64')}`;
    const rows = [];
    let asked = false;
    let rest = Buffer.alloc(0);
    const authenticate = (body) => {
      const kind = body.readInt32BE(0);
      if (kind === 10) socket.write(message('p', 'SCRAM-SHA-256\0', first.length + 3, `n,,${first}`));
      if (kind === 11) socket.write(message('p', proof(first, body.toString('utf8', 4))));
    };
    const ready = () => {
      if (asked) return socket.end(message('X'), () => resolve(rows));
      asked = true;
      return socket.write(message('Q', `${sql}\0`));
    };
    socket.setTimeout(5000, () => socket.destroy(new Error('the database does not answer')));
    socket.on('error', reject);
    socket.on('connect', () => {
      const start = Buffer.from(`user\0${url.username}\0database\0${url.pathname.slice(1)}\0\0`);
      socket.write(Buffer.concat([int32(start.length + 8), int32(196608), start]));
    });
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
        const type = String.fromCharCode(rest[0]);
        const body = rest.subarray(5, rest.readInt32BE(1) + 1);
        rest = rest.subarray(rest.readInt32BE(1) + 1);
        if (type === 'R') authenticate(body);
        else if (type === 'D') rows.push(rowOf(body));
        else if (type === 'Z') ready();
        else if (type === 'E') socket.destroy(errorOf(body));
      }
    });
  });
