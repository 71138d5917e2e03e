// Counts pieces.
import { createServer } from 'node:http';

let pieces = 0;
const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://stock');
  if (request.method === 'PUT') pieces = Number(url.searchParams.get('pieces'));
  if (request.method === 'DELETE') pieces -= 1;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ pieces }));
});
const host = process.env.API_HOST === '127.0.0.1' ? '127.0.0.1' : undefined;
server.listen(Number(process.env.API_PORT), host, () => console.log('stock listens'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
