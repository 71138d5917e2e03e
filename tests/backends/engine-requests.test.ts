import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type Docker from 'dockerode';
import { afterEach, describe, expect, it } from 'vitest';
import { openDaemon } from '@/lib/backends/docker/daemon';
import { maxAnswerBytes } from '@/lib/backends/docker/engine-requests';
import { systemClock } from '@/lib/clock';
import { resourceName } from '@/lib/model/environment';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** A server and the requests that have come to it. */
async function serve(answer: RequestListener): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, asked };
}

const open = (url: string) => openDaemon({ clock: systemClock }, url);

/** Every call of dockerode that Gantry makes a path of a name with. */
const calls: Record<string, (docker: Docker, name: string) => Promise<unknown>> = {
  inspect: (docker, name) => docker.getContainer(name).inspect(),
  logs: (docker, name) => docker.getContainer(name).logs({ follow: false, stdout: true }),
  exec: (docker, name) => docker.getContainer(name).exec({ Cmd: ['true'] }),
  attach: (docker, name) => docker.getContainer(name).attach({ stream: true, hijack: true }),
  start: (docker, name) => docker.getContainer(name).start(),
  kill: (docker, name) => docker.getContainer(name).kill(),
  top: (docker, name) => docker.getContainer(name).top(),
  stats: (docker, name) => docker.getContainer(name).stats({ stream: false }),
  getArchive: (docker, name) => docker.getContainer(name).getArchive({ path: '/' }),
  infoArchive: (docker, name) => docker.getContainer(name).infoArchive({ path: '/' }),
  putArchive: (docker, name) => docker.getContainer(name).putArchive(Buffer.from(''), { path: '/' }),
  'container.remove': (docker, name) => docker.getContainer(name).remove(),
  'network.remove': (docker, name) => docker.getNetwork(name).remove(),
  'volume.remove': (docker, name) => docker.getVolume(name).remove(),
  'image.inspect': (docker, name) => docker.getImage(name).inspect(),
  'exec.inspect': (docker, name) => docker.getExec(name).inspect(),
};

const hostileNames = [
  '../images/json',
  'a/../../volumes/x',
  'a/export?',
  'a/json?all=1&x=',
  'a#',
  'a%2F..%2Fb',
  'a b',
  'a\r\nHost: x',
  '..',
  '.',
  '',
  '/etc',
  '//evil.example/x',
  'ä',
];

it.each(hostileNames)('no request may name the resource %j', (name) => {
  expect(resourceName.safeParse(name).success).toBe(false);
});

describe('requests to the engine', () => {
  it.each(Object.entries(calls))('make no path of a name that is none: %s', async (_, run) => {
    const engine = await serve((_request, response) => response.end('{}'));
    const daemon = open(engine.url);
    for (const name of hostileNames) {
      const call = daemon.call('do it', 2_000, (docker) => run(docker, name));
      await expect(call, name).rejects.toMatchObject({ code: 'backend_failed' });
    }
    expect(engine.asked).toEqual([]);
  });

  it('reach the engine with names and images as they are', async () => {
    const engine = await serve((_request, response) => response.end('{"Id":"x"}'));
    const daemon = open(engine.url);
    const image = 'registry.example:5000/team/app:1.2-rc_1';
    await daemon.call('look', 2_000, (docker) => docker.getImage(image).inspect());
    await daemon.call('look', 2_000, (docker) => docker.getContainer('gantry-a_1.b').inspect());
    expect(engine.asked).toEqual([`GET /images/${image}/json`, 'GET /containers/gantry-a_1.b/json']);
  });

  it.each(['http', 'gopher', 'file', 'not a url'])(
    'follow no redirect, to whatever it leads: %s',
    async (scheme) => {
      const near = await serve((_request, response) => response.end('{"Version":"secret","Arch":"x"}'));
      const location = scheme === 'http' ? `${near.url}/admin` : `${scheme}://127.0.0.1/`;
      const engine = await serve((_request, response) => {
        response.writeHead(307, { location }).end();
      });
      await expect(open(engine.url).engine(2_000)).rejects.toMatchObject({
        code: 'backend_failed',
        status: 307,
      });
      expect(near.asked).toEqual([]);
    },
  );

  it('wait for an answer as long as the caller does, and not the five seconds of an agent of Node', async () => {
    const { url } = await serve((request, response) => {
      if (request.method === 'POST') return void setTimeout(() => response.writeHead(204).end(), 6_000);
      response.write('one ');
      setTimeout(() => response.end('two'), 6_000);
    });
    const start = open(url).call('start it', 30_000, (docker) => docker.getContainer('a').start());
    const logs = open(url).call('read its log', 30_000, async (docker) => {
      let text = '';
      for await (const chunk of await docker.getContainer('a').logs({ follow: true, stdout: true }))
        text += chunk;
      return text;
    });
    await expect(start).resolves.toBeDefined();
    expect(await logs).toBe('one two');
  });

  it('read an answer of the largest size, and no larger one', async () => {
    let bytes = maxAnswerBytes;
    const engine = await serve((_request, response) => {
      response.write('"');
      const block = Buffer.alloc(1024 * 1024, 'x');
      for (let left = bytes - 2; left > 0; left -= block.length) response.write(block.subarray(0, left));
      response.end('"');
    });
    const read = () => open(engine.url).call('look', 20_000, (docker) => docker.getContainer('a').inspect());
    expect(String(await read())).toHaveLength(maxAnswerBytes - 2);
    bytes += 1;
    await expect(read()).rejects.toThrow('larger than 16 MiB');
  });

  it('give up an answer that has no end once it is too large', async () => {
    let written = 0;
    const engine = await serve((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) written += 64 * 1024;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const before = process.memoryUsage().rss;
    const call = open(engine.url).call('look', 20_000, (docker) => docker.getContainer('a').inspect());
    await expect(call).rejects.toMatchObject({ code: 'backend_failed' });
    expect(written).toBeLessThan(4 * maxAnswerBytes);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });
});
