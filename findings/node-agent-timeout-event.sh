#!/bin/sh
# Node 22.12.0: a request that sets no `timeout` emits the event `timeout` after five seconds of silence, because the
# default agent has had a timeout of its own since Node 19. Nothing happens to the request: the answer comes, later. The
# usual handler, `request.on('timeout', () => request.destroy())`, then ends each request whose answer takes longer, with
# the error "socket hang up". With an agent that was made by `new http.Agent({ keepAlive: true })` there is no event.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@22.12.0
cat >run.cjs <<'JS'
const http = require('http');
const server = http.createServer((request, response) => {
  setTimeout(() => response.end('late'), 6_000);
});
const ask = (name, options) =>
  new Promise((resolve) => {
    const seen = [];
    const request = http.request({ port: server.address().port, ...options }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve(`${name}: ${[...seen, `answer ${text}`].join(', ')}`);
    });
    request.on('timeout', () => seen.push('timeout'));
    request.end();
  });
server.listen(0, '127.0.0.1', async () => {
  const own = new http.Agent({ keepAlive: true });
  console.log(process.version);
  console.log((await Promise.all([ask('default agent', {}), ask('own agent', { agent: own })])).join('\n'));
  process.exit();
});
JS
cat >expected <<'TXT'
v22.12.0
default agent: timeout, answer late
own agent: answer late
TXT
node_modules/.bin/node run.cjs >seen
diff expected seen && echo "as found: node 22.12.0"
