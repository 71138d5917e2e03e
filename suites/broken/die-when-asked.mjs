// A service with a path that kills it, as a bug would.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  response.end('ok\n');
  if (request.url !== '/die') return;
  console.error('Error: a null where there should be a customer');
  process.exit(7);
});
server.listen(Number(process.env.DYING_SERVICE_PORT ?? 8080), () => console.log('listening'));
