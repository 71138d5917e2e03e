// Takes orders up to a limit and books each in the ledger, which this suite calls ledger-api.
import { createServer } from 'node:http';

const ledger = `http://${process.env.LEDGER_API_HOST}:${process.env.LEDGER_API_PORT}`;
let taken = 0;

const server = createServer(async (request, response) => {
  response.setHeader('content-type', 'application/json');
  if (request.method !== 'POST') return response.end(JSON.stringify({ taken }));
  if (taken >= Number(process.env.LIMIT)) return response.writeHead(429).end('{}');
  taken += 1;
  const booked = await fetch(`${ledger}/bookings?amount=100`, { method: 'POST' });
  response.writeHead(201).end(JSON.stringify({ order: taken, books: await booked.json() }));
});
const host = process.env.API_HOST === '127.0.0.1' ? '127.0.0.1' : undefined;
server.listen(Number(process.env.API_PORT), host, () => console.log('orders listens'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
