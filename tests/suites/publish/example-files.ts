/** Answers all requests with `ok` once the database in its settings has answered. */
const server = `const { createServer } = require('node:http');
const { connect } = require('node:net');
const database = process.env.DATABASE_URL && new URL(process.env.DATABASE_URL);
/** Asks whether the server speaks TLS, which PostgreSQL answers before anybody signs in. */
const answers = () => new Promise((resolve) => {
  if (!database) return resolve(true);
  const socket = connect(Number(database.port), database.hostname, () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])));
  socket.once('data', (data) => { socket.destroy(); resolve(/^[SN]/.test(data.toString())); });
  socket.once('error', () => resolve(false));
});
createServer(async (_, answer) => {
  answer.statusCode = (await answers()) ? 200 : 503;
  answer.end('ok ' + (process.env.VERSION ?? ''));
}).listen(8080);
`;
const smokeTest = `const test = require('node:test');
const assert = require('node:assert');
test('the API answers', async () => {
  const answer = await fetch(process.env.API_URL);
  assert.equal(answer.status, 200);
});
`;
const mock = `let charges = 3;
require('node:http').createServer((ask, answer) => {
  if (ask.url === '/__reset' && ask.method === 'POST') charges = 0;
  answer.end(String(charges));
}).listen(8080);
`;
const mockTest = `fetch('http://payments:8080').then((answer) => answer.text()).then((charges) => process.exit(Number(charges)));
`;
const build = `const { mkdirSync, writeFileSync } = require('node:fs');
mkdirSync(process.argv[2], { recursive: true });
writeFileSync(process.argv[2] + '/e2e.js', 'console.log("from the build")');
`;

/** The files that the examples of docs/suites.md name and do not show. */
export const exampleFiles: Record<string, string> = {
  'api/server.js': server,
  'build.js': build,
  'mocks/payments.js': mock,
  'schema.sql': 'create table orders (id int);\n',
  'tests/Dockerfile': 'FROM node:22\nCMD ["sh", "-c", "wget -qO- http://api:8080 | grep \\"ok 1.2\\""]\n',
  'tests/payments.test.js': mockTest,
  'tests/smoke.test.js': smokeTest,
  'web/certs/server.pem': 'a certificate\n',
  'web/nginx.conf': 'server { listen 80; location / { return 200 "the shop"; } }\n',
};

/** The suites that an example nests, by their folders. */
export const nestedSuites: Record<string, Record<string, string>> = {
  payments: {
    'suite.yaml': `version: 1.2.0
steps:
  api: { kind: service, image: "node:22", run: node server.js, ports: [8080] }
  check: { kind: test, run: wget -qO- http://api:8080, after: api }
`,
    'server.js': server,
  },
  mail: {
    'suite.yaml': `version: 2.0.1
repository: https://git.example/platform/mail
steps: { sender: { kind: test, run: test "$SENDER" = shop@example.org } }
`,
    'profiles/quiet.yaml': '',
  },
};
