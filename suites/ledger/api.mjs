// Keeps the sum of what was booked, in the currency that it is told.
import { createServer } from 'node:http';

let sum = 0;
const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://ledger');
  if (request.method === 'POST' && url.pathname === '/bookings') {
    sum += Number(url.searchParams.get('amount'));
    console.log(`booked: ${sum} ${process.env.CURRENCY}`);
  }
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ sum, currency: process.env.CURRENCY }));
});
// As a plain process it gets a port of its own, on this machine only.
const host = process.env.API_HOST === '127.0.0.1' ? '127.0.0.1' : undefined;
server.listen(Number(process.env.API_PORT), host, () => console.log('ledger listens'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
