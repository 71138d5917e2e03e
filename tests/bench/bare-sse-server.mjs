// The floor of streams: node:http alone, the time to every client once a second. Prints its port.
import { createServer } from 'node:http';

const clients = new Set();
const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.write('retry: 1000\n\n');
  clients.add(response);
  response.on('close', () => clients.delete(response));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

let seq = 0;
setInterval(() => {
  seq += 1;
  const text = String(Date.now());
  const at = new Date().toISOString();
  const line = { seq, at, stepId: 'ticker', attempt: 1, stream: 'stdout', text };
  const frame = Buffer.from(`id: ${seq}\ndata: ${JSON.stringify(line)}\n\n`);
  for (const client of clients) client.write(frame);
}, 1000);
process.on('SIGTERM', () => process.exit(0));
