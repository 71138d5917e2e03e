#!/bin/sh
# docker-modem 5.0.7: a path that contains `?` loses its last character when no `options` come with it. The engine then
# gets another value than was written: Docker 20.10 takes an unknown condition for the default, Docker 26 and 28 and
# Podman refuse it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund docker-modem@5.0.7
cat >run.cjs <<'JS'
const http = require('http');
const Modem = require('docker-modem');
const server = http.createServer((request, response) => {
  console.log(request.url);
  response.end('{}');
});
server.listen('engine.sock', async () => {
  const modem = new Modem({ socketPath: 'engine.sock' });
  const dial = (call) =>
    new Promise((resolve) => modem.dial({ method: 'POST', statusCodes: { 200: true }, ...call }, resolve));
  await dial({ path: '/containers/one/wait?condition=not-running' });
  await dial({ path: '/containers/one/wait?', options: { condition: 'not-running' } });
  process.exit();
});
JS
cat >expected <<'TXT'
/containers/one/wait?condition=not-runnin
/containers/one/wait?condition=not-running
TXT
node run.cjs >seen
diff expected seen && echo "as found: docker-modem 5.0.7"
