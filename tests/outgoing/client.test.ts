import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '@/lib/clock';
import { plainOutgoing } from '@/lib/model/outgoing-settings';
import { createOutgoingClient, type OutgoingRequest } from '@/lib/outgoing/client';
import { proxyFor } from '@/lib/outgoing/proxy';
import { createFakeClock } from '../support/fake-clock';
import { plainClient } from '../support/plain-client';

const folder = mkdtempSync(path.join(tmpdir(), 'gantry-outgoing-'));
const file = (name: string) => path.join(folder, name);
beforeAll(() => {
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=gantry.test'];
  const names = ['-addext', 'subjectAltName=DNS:gantry.test,IP:127.0.0.1'];
  const files = ['-keyout', file('key.pem'), '-out', file('ca.pem')];
  execFileSync('openssl', [...words, ...names, ...files], { stdio: 'ignore' });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`;
}
const serve = (answer: RequestListener) => listen(createServer(answer));

const usual: OutgoingRequest = { limitMs: 20_000, maxBytes: 1_000, maxRedirects: 0, addresses: 'any' };
const ask = (url: string, request: Partial<OutgoingRequest> = {}) =>
  plainClient.request(url, { ...usual, ...request });

describe('an outgoing call', () => {
  it('has a limit for its answer and for its time', async () => {
    const host = await serve((request, response) => {
      if (request.url === '/large') response.end('x'.repeat(1_001));
      else response.write('it begins');
    });
    await expect(ask(`http://${host}/large`)).rejects.toMatchObject({ why: 'too_large' });
    expect((await ask(`http://${host}/large`, { maxBytes: 0 })).status).toBe(200);
    const clock = createFakeClock();
    const slow = createOutgoingClient({ clock }, plainOutgoing).request(`http://${host}/slow`, usual);
    const refused = expect(slow).rejects.toMatchObject({ why: 'late' });
    await clock.advance(20_000);
    await refused;
  });

  it('follows as many redirects as it may, and takes credentials to no other host', async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end('there');
    });
    const host = await serve((request, response) => {
      seen.push(request.headers.authorization);
      const location = request.url === '/away' ? `http://${other}/` : '/loop';
      response.writeHead(302, { location }).end();
    });
    const headers = { authorization: 'Basic x' };
    expect((await ask(`http://${host}/away`, { headers })).status).toBe(302);
    const answer = await ask(`http://${host}/away`, { headers, maxRedirects: 1 });
    expect([answer.body.toString(), seen]).toEqual(['there', ['Basic x', 'Basic x', undefined]]);
    await expect(ask(`http://${host}/loop`, { maxRedirects: 3 })).rejects.toThrow('more than 3 times');
    // Nothing but reading is done again elsewhere.
    expect((await ask(`http://${host}/loop`, { method: 'POST', maxRedirects: 3 })).status).toBe(302);
  });

  it('to the public internet goes to no other address: neither at once, by a name, nor by a redirect', async () => {
    let asked = 0;
    const host = await serve((_request, response) => {
      asked += 1;
      response.end();
    });
    const port = host.split(':')[1];
    for (const name of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1']) {
      await expect(ask(`http://${name}:${port}/`, { addresses: 'public' })).rejects.toThrow(
        /is not an address of the public internet/,
      );
    }
    await expect(ask('file:///etc/passwd')).rejects.toMatchObject({ why: 'refused' });
    expect(asked).toBe(0);
  });

  it('believes in an authority of its own beside the usual ones, and in no other', async () => {
    const options = { key: readFileSync(file('key.pem')), cert: readFileSync(file('ca.pem')) };
    const host = await listen(
      createSecureServer(options, (request, response) => {
        if (request.url === '/down') response.writeHead(302, { location: `http://${host}/` }).end();
        else response.end('secret');
      }),
    );
    await expect(ask(`https://${host}/`)).rejects.toThrow(/self-signed/);
    const client = createOutgoingClient({ clock: systemClock }, { ...plainOutgoing, caFile: file('ca.pem') });
    expect(String((await client.request(`https://${host}/`, usual)).body)).toBe('secret');
    await expect(client.request(`https://${host}/down`, { ...usual, maxRedirects: 2 })).rejects.toThrow(
      'redirects from https to http',
    );
    expect(() =>
      createOutgoingClient({ clock: systemClock }, { ...plainOutgoing, caFile: file('none') }),
    ).toThrow(/ENOENT/);
  });

  it('goes through the proxy that the variables name, by CONNECT where it has TLS', async () => {
    const options = { key: readFileSync(file('key.pem')), cert: readFileSync(file('ca.pem')) };
    const target = await listen(createSecureServer(options, (_request, response) => response.end('secret')));
    const seen: string[] = [];
    const proxy = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.end('by the proxy');
    });
    proxy.on('connect', (request, socket) => {
      seen.push(`CONNECT ${request.url} ${request.headers['proxy-authorization']}`);
      const [host, port] = target.split(':');
      const through = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        through.pipe(socket).pipe(through);
      });
      socket.on('error', () => through.destroy());
      through.on('error', () => socket.destroy());
    });
    const address = await listen(proxy);
    const client = createOutgoingClient(
      { clock: systemClock },
      {
        httpProxy: `http://${address}`,
        httpsProxy: `http://u:p@${address}`,
        noProxy: 'direct.test',
        caFile: file('ca.pem'),
      },
    );
    expect(String((await client.request('http://gantry.test/a?b', usual)).body)).toBe('by the proxy');
    expect(String((await client.request('https://gantry.test/', usual)).body)).toBe('secret');
    await expect(client.request('http://direct.test/', usual)).rejects.toMatchObject({ why: 'unreachable' });
    expect(seen).toEqual(['GET http://gantry.test/a?b', 'CONNECT gantry.test:443 Basic dTpw']);
  });

  it('has its limits on the way through a proxy, too, whose own words are not the server’s', async () => {
    const proxyAt = async (answer: string | null) => {
      const proxy = createServer();
      proxy.on('connect', (_request, socket) => {
        socket.on('error', () => {});
        if (answer !== null) socket.end(answer);
      });
      return { ...plainOutgoing, httpsProxy: `http://${await listen(proxy)}` };
    };
    const clock = createFakeClock();
    const slow = createOutgoingClient({ clock }, await proxyAt(null)).request('https://gantry.test/', usual);
    const refused = expect(slow).rejects.toMatchObject({ why: 'late' });
    await clock.advance(20_000);
    await refused;
    for (const status of ['403 Forbidden', '201 Created', '302 Found\r\nLocation: /login']) {
      const answer = `HTTP/1.1 ${status}\r\nContent-Length: 2\r\n\r\n{}`;
      const client = createOutgoingClient({ clock: systemClock }, await proxyAt(answer));
      await expect(client.request('https://gantry.test/', usual)).rejects.toMatchObject({
        why: 'unreachable',
        message: `the proxy answers ${status.slice(0, 3)} to CONNECT`,
      });
    }
  });
});

it.each([
  ['shop.example', '', 'proxy'],
  ['localhost', '', null],
  ['127.0.0.9', '', null],
  ['shop.example', '*', null],
  ['shop.example', 'other.example, example', null],
  ['shop.example', '.example', null],
  ['shop.example', '*.example', null],
  ['shop.example', 'op.example', 'proxy'],
  ['shop.example', 'shop.example:443', null],
  ['shop.example', 'shop.example:80', 'proxy'],
  ['10.1.2.3', '10.0.0.0/8', null],
  ['11.1.2.3', '10.0.0.0/8 192.0.2.1', 'proxy'],
  ['fd00::1', '[fd00::1]', null],
])('%s with NO_PROXY=%s goes by %s', (host, noProxy, expected) => {
  const settings = { httpProxy: null, httpsProxy: 'proxy', noProxy };
  expect(proxyFor(settings, { isSecure: true, host, port: 443 })).toBe(expected);
  expect(proxyFor(settings, { isSecure: false, host, port: 80 })).toBeNull();
});
