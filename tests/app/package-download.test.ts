import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPackageToken } from '@/lib/identity/package-token';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';

const digest = `sha256:${'a'.repeat(64)}`;
const chunk = Buffer.alloc(512 * 1024, 'x');
const chunks = 16;

describe('the download of a package by a pod', () => {
  let plane: TestControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane();
    await plane.server().store.packages.put(digest, async function* () {
      for (let at = 0; at < chunks; at += 1) yield chunk;
    });
  });
  afterAll(() => plane.close());

  function issue(of = digest, expiresAt = '2099-01-01T00:00:00.000Z'): Promise<string> {
    return newPackageToken(plane.server(), of, expiresAt);
  }

  function download(token: string, init: RequestInit = {}): Promise<Response> {
    return plane.call(`/api/v1/packages/${digest}`, { token, ...init });
  }

  it('works once', async () => {
    const token = await issue();
    const first = await download(token);
    expect(first.status).toBe(200);
    expect((await first.arrayBuffer()).byteLength).toBe(chunks * chunk.length);
    const second = await download(token);
    expect(second.status).toBe(401);
    expect(await second.text()).not.toContain(token);
  });

  it('may be begun again when it was cut', async () => {
    const token = await issue();
    const cut = new AbortController();
    const first = await download(token, { signal: cut.signal });
    await first.body?.getReader().read();
    cut.abort();
    const second = await download(token);
    expect((await second.arrayBuffer()).byteLength).toBe(chunks * chunk.length);
  });

  it('is refused without a token of its own', async () => {
    expect((await download(await issue(`sha256:${'b'.repeat(64)}`))).status).toBe(401);
    expect((await download(await issue(digest, '2001-01-01T00:00:00.000Z'))).status).toBe(401);
    expect((await download(plane.admin)).status).toBe(401);
    const agent = await plane.agentToken();
    expect((await download(agent.token)).status).toBe(401);
  });

  it('has a token that opens nothing else', async () => {
    const token = await issue();
    for (const path of ['/api/v1/executions', '/api/v1/suites', '/api/v1/agents']) {
      expect([path, (await plane.call(path, { token })).status]).toEqual([path, 401]);
    }
    const url = `${plane.url}/api/v1/packages/${digest}?token=${token}`;
    expect((await fetch(url)).status).toBe(401);
    expect((await download(token)).status).toBe(200);
  });
});
