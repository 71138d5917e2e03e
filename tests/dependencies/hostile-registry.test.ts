import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pullPackage } from '@/lib/dependencies/oci-package';
import { openRegistry } from '@/lib/dependencies/oci-registry';
import type { OutgoingClient } from '@/lib/outgoing/client';
import { plainClient } from '../support/plain-client';

const options = { outgoing: plainClient, limitMs: 20_000, credentials: async () => 'dTpw', insecure: [] };
const digestOf = (content: Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`;

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`;
}

/** A registry with one artifact, whose only layer is this. */
async function pull(layer: Buffer, ending = ''): Promise<unknown> {
  const mediaType = `application/vnd.gantry.suite.v1.tar${ending}`;
  const layers = [{ mediaType, digest: digestOf(layer), size: layer.length }];
  const manifest = Buffer.from(JSON.stringify({ layers }));
  const host = await serve((request, response) => {
    response.end(request.url?.includes('/manifests/') ? manifest : layer);
  });
  const target = mkdtempSync(path.join(tmpdir(), 'gantry-pull-'));
  onTestFinished(() => rmSync(target, { recursive: true }));
  const ref = { type: 'oci', host, repository: 'a/b', digest: digestOf(manifest) } as const;
  return pullPackage(options, ref, target).catch((error) => error);
}

function tarOf(names: readonly string[]): Promise<Buffer> {
  const tar = pack();
  for (const name of names) tar.entry({ name }, 'x');
  tar.finalize();
  return buffer(tar);
}

describe('a package that no registry should give', () => {
  it.each([
    ['a path twice', ['a.sh', 'a.sh'], 'its file "a.sh" is in it twice'],
    ['a file below a file', ['a', 'a/b'], 'its file "a/b" is in it twice, or below another file'],
    ['a name that is too long', ['n'.repeat(300)], 'has too long a name'],
    [
      'a path that is too long',
      [Array.from({ length: 60 }, () => 'n'.repeat(100)).join('/')],
      'has too long a name',
    ],
  ])('is refused with a sentence: %s', async (_, names, message) => {
    expect(await pull(await tarOf(names))).toMatchObject({
      code: 'dependency_invalid',
      message: expect.stringContaining(message),
    });
  });

  it('is refused with a sentence when its gzip is damaged', async () => {
    expect(await pull(Buffer.from('not gzip'), '+gzip')).toMatchObject({
      code: 'dependency_invalid',
      message: expect.stringContaining('the package is not valid gzip'),
    });
  });
});

describe('a realm that no registry should name', () => {
  /** What becomes of a question to a registry with this realm, and where credentials have been sent. */
  async function ask(realm: (host: string) => string, answer: string) {
    const sentTo: string[] = [];
    const host = await serve((request, response) => {
      if (request.url?.startsWith('/v2/')) {
        const challenge = `Bearer realm="${realm(request.headers.host ?? '')}",service="s"`;
        return response.writeHead(401, { 'www-authenticate': challenge }).end();
      }
      if (request.headers.authorization) sentTo.push(request.url ?? '');
      if (request.url?.startsWith('/away')) return response.writeHead(302, { location: '/token' }).end();
      return response.end(answer);
    });
    const error = await openRegistry(options, host, 'a')
      .ask('manifests/x')
      .catch((each) => each);
    return { error, sentTo };
  }

  it.each(['<html>not JSON</html>', '', '[]', '{"token":1}', '{}', 'null'])(
    'answers without a token: %s',
    async (answer) => {
      const { error } = await ask((host) => `http://${host}/token`, answer);
      expect(error).toMatchObject({
        code: 'dependency_unavailable',
        message: expect.stringContaining('answers without a token'),
      });
    },
  );

  it.each(['not a url', 'file:///etc/passwd', '//x/token'])('is no URL of a realm: %s', async (realm) => {
    const { error, sentTo } = await ask(() => realm, '{"token":"t"}');
    expect(error).toMatchObject({
      code: 'dependency_unavailable',
      message: expect.stringContaining('expected an https URL'),
    });
    expect(sentTo).toEqual([]);
  });

  it('leads elsewhere, and the credentials do not follow', async () => {
    const { error, sentTo } = await ask((host) => `http://${host}/away`, '{"token":"t"}');
    expect(error).toMatchObject({ code: 'dependency_unavailable' });
    expect(sentTo.map((url) => url.split('?')[0])).toEqual(['/away']);
  });

  it('is without TLS although its registry is not', async () => {
    const asked: string[] = [];
    const realm = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.end('{"token":"t"}');
    });
    // A registry with TLS, whose certificate no test has.
    const outgoing: Pick<OutgoingClient, 'request'> = {
      request: async (url, request) =>
        url.startsWith('https://registry.example/')
          ? {
              status: 401,
              headers: new Headers({ 'www-authenticate': `Bearer realm="http://${realm}/token"` }),
              body: Buffer.alloc(0),
            }
          : plainClient.request(url, request),
    };
    await expect(
      openRegistry({ ...options, outgoing }, 'registry.example', 'a').ask('manifests/x'),
    ).rejects.toMatchObject({
      message: expect.stringContaining('expected an https URL'),
    });
    expect(asked).toEqual([]);
  });
});
