import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pullPackage, pushPackage } from '@/lib/dependencies/oci-package';
import { openRegistry, type RegistryOptions } from '@/lib/dependencies/oci-registry';
import { formatRef } from '@/lib/model/format-ref';
import { dockerCredentials } from '@/lib/registries/docker-credentials';
import { readSuite } from '@/lib/suites/read-suite';
import { makeRoot, makeSuiteFolder } from '../suites/suite-folder';
import { plainClient } from '../support/plain-client';
import { describeWith } from '../support/requirements';
import { registryLogin, startRegistry, storedLogin } from './registry-server';
import { openSuiteRoot } from './suite-roots';

const options: RegistryOptions = {
  outgoing: plainClient,
  limitMs: 20_000,
  credentials: async () => null,
  insecure: [],
};
const files = {
  'suite.yaml': 'version: 1.0.0\nsteps: { a: { kind: task, run: ./a.sh } }',
  'a.sh': '#!/bin/sh\n',
};
const nests = (ref: string) => ({
  'suite.yaml': 'steps: { child: { kind: suite, ref: child } }',
  'dependencies.yaml': `child: "${ref}"\n`,
});

async function push(host: string, given: Record<string, string> = files, credentials = options.credentials) {
  const folder = makeSuiteFolder(given, path.join(makeRoot(), 'pay'));
  const { suite } = readSuite(folder).entry;
  if (!suite) throw new Error('the suite is not valid');
  return {
    folder,
    suite,
    ref: await pushPackage(
      { ...options, credentials },
      { host, repository: 'shop/pay', tag: '1.0.0' },
      folder,
      suite,
    ),
  };
}

describeWith('docker-registry', 'a suite on an OCI registry', () => {
  it('is pushed, locked, planned and pulled, always with the same digests', async () => {
    const registry = await startRegistry();
    const { ref, suite, folder } = await push(registry.host);
    expect((await push(registry.host)).ref).toEqual(ref);
    const root = openSuiteRoot({ outer: nests(formatRef(ref)) });
    await root.lock('outer');
    const [node] = (await root.plan('outer')).nodes;
    expect(node).toMatchObject({
      id: 'child/a',
      packageDigest: suite.packageDigest,
      source: { suiteId: 'pay', version: '1.0.0', ref: formatRef(ref) },
    });
    const target = makeSuiteFolder({}, path.join(makeRoot(), 'pay'));
    execFileSync('mkdir', ['-p', target]);
    await pullPackage(options, ref, target);
    expect(readSuite(target).entry.suite?.packageDigest).toBe(suite.packageDigest);
    expect(readFileSync(path.join(target, 'a.sh'))).toEqual(readFileSync(path.join(folder, 'a.sh')));
    await registry.stop();
    expect((await root.plan('outer')).nodes).toHaveLength(1);
  });

  it('is unavailable while its registry is down, and wrong when the registry has it no longer or gives something else', async () => {
    const registry = await startRegistry();
    const { ref } = await push(registry.host);
    const refused = async (each: string) => {
      const root = openSuiteRoot({ outer: nests(each) });
      return root.lock('outer').then(
        () => 'locked',
        (error) => `${error.code} ${error.message}`,
      );
    };
    const other = formatRef({ ...ref, digest: `sha256:${'0'.repeat(64)}` });
    expect(await refused(other)).toMatch(/^dependency_invalid .* has no shop\/pay@sha256:000/);
    const blobs = execFileSync('find', [registry.store, '-name', 'data', '-size', '+1k']).toString().trim();
    appendFileSync(blobs.split('\n')[0] ?? '', 'x');
    expect(await refused(formatRef(ref))).toMatch(/^dependency_(invalid|unavailable) /);
    await registry.stop();
    expect(await refused(formatRef(ref))).toMatch(
      /^dependency_unavailable .* cannot be reached: .*ECONNREFUSED/,
    );
  });
});

describeWith('docker-registry', 'a suite on a registry with a password', () => {
  it('is pushed and pulled with what docker login has stored, in its file or by a helper', async () => {
    const { host } = await startRegistry({ asksForPassword: true });
    const as = (config: object, known = host) => dockerCredentials(storedLogin(config, known));
    const { ref, suite } = await push(host, files, as({ auths: { [host]: { auth: registryLogin } } }));
    for (const config of [{ credsStore: 'safe' }, { credHelpers: { [host]: 'safe' } }]) {
      const target = makeSuiteFolder({}, path.join(makeRoot(), 'pay'));
      execFileSync('mkdir', ['-p', target]);
      await pullPackage({ ...options, credentials: as(config) }, ref, target);
      expect(readSuite(target).entry.suite?.packageDigest).toBe(suite.packageDigest);
    }
    const pull = (credentials: RegistryOptions['credentials']) =>
      pullPackage({ ...options, credentials }, ref, makeRoot());
    await expect(pull(as({ credsStore: 'safe' }, 'another'))).rejects.toThrow('does not let us in');
    await expect(pull(as({ credsStore: 'broken' }))).rejects.toMatchObject({
      code: 'dependency_unavailable',
      message: expect.stringMatching(
        /the credentials for \S+ cannot be had: docker-credential-broken cannot be run/,
      ),
    });
  });
});

describe('a registry that asks for a token', () => {
  it('is asked again with the token that its realm gives for what Docker has stored', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      const { authorization = '' } = request.headers;
      seen.push(`${request.url} ${authorization}`);
      if (request.url?.startsWith('/token')) {
        response.end(JSON.stringify({ token: authorization === 'Basic dTpw' ? 'good' : 'bad' }));
      } else if (authorization === 'Bearer good') response.end('there');
      else {
        const challenge = `Bearer realm="http://${request.headers.host}/token",service="reg",scope="repository:a:pull"`;
        response.writeHead(401, { 'www-authenticate': challenge }).end();
      }
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => {
      server.close();
    });
    const address = server.address();
    const host = `127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`;
    const registry = openRegistry({ ...options, credentials: async () => 'dTpw' }, host, 'a');
    expect((await registry.ask('manifests/x')).body.toString()).toBe('there');
    expect(seen).toEqual([
      '/v2/a/manifests/x ',
      '/token?service=reg&scope=repository%3Aa%3Apull Basic dTpw',
      '/v2/a/manifests/x Bearer good',
    ]);
    const stranger = openRegistry(options, host, 'a');
    await expect(stranger.ask('manifests/x')).rejects.toMatchObject({ code: 'dependency_unavailable' });
  });
});
