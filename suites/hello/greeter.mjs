// A service: it greets whoever asks, until it is told to stop.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://greeter');
  console.log(`${request.method} ${url.pathname}${url.search}`);
  if (url.pathname !== '/greeting') {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ text: `Hello, ${url.searchParams.get('name') ?? 'world'}!` }));
});

// In a container the port is the declared one; as a plain process Gantry gives a free one, and only this machine
// may reach it.
const host = process.env.GREETER_HOST === '127.0.0.1' ? '127.0.0.1' : undefined;
server.listen(Number(process.env.GREETER_PORT ?? 8080), host, () => {
  console.log(`greeter listens on port ${server.address().port}`);
});
process.on('SIGTERM', () => {
  console.log('greeter stops');
  server.close();
  server.closeAllConnections();
});
