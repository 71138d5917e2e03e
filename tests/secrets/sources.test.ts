import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '@/lib/config';
import { plainOutgoing } from '@/lib/model/outgoing-settings';
import { createOutgoingClient } from '@/lib/outgoing/client';
import { createEnvSource } from '@/lib/secrets/env-source';
import { createFileSource } from '@/lib/secrets/file-source';
import { openSecrets } from '@/lib/secrets/open-secrets';
import { createVaultSource } from '@/lib/secrets/vault-source';
import { createFakeClock } from '../support/fake-clock';
import { plainClient } from '../support/plain-client';

function folderWith(files: Record<string, string | Uint8Array>, isOfTest = true): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gantry-secrets-'));
  if (isOfTest) onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  return folder;
}

describe('secrets', () => {
  it('come from variables and files, each under its key', async () => {
    const folder = folderWith({ key: 'line one\nline two\n' });
    const secrets = openSecrets({
      env: createEnvSource({ CI_TOKEN: 'abcd' }),
      file: createFileSource(null, []),
    });
    expect(
      await secrets.resolve([
        { key: 'TOKEN', from: 'env:CI_TOKEN' },
        { key: 'KEY', from: `file:${folder}/key` },
      ]),
    ).toEqual({ TOKEN: 'abcd', KEY: 'line one\nline two' });
  });

  it('that cannot be had are all named, with the reason and without a value', async () => {
    const folder = folderWith({
      binary: Buffer.from([0xff, 0xfe, 0x01, 0x02]),
      short: 'abc\n',
      fine: 'abcdef',
    });
    const outside = folderWith({ far: 'abcdef' });
    symlinkSync(path.join(outside, 'far'), path.join(folder, 'link'));
    const env = { SHORT: 'abc', BLANK: '      ', DATABASE_URL: 'postgres://u:p@h/d', GANTRY_TOKEN: 'abcdef' };
    const secrets = openSecrets({ env: createEnvSource(env), file: createFileSource([folder], []) });
    const from = [
      ...['env:NONE', 'env:SHORT', 'env:BLANK', 'env:DATABASE_URL', 'env:GANTRY_TOKEN', 'env:constructor'],
      ...['none', 'binary', 'short', 'link', '.', '../../etc/passwd'].map((name) => `file:${folder}/${name}`),
      'gopher:x',
    ];
    const refused = secrets.resolve(from.map((each, position) => ({ key: `K${position}`, from: each })));
    await expect(refused).rejects.toMatchObject({ code: 'secret_missing' });
    const { issues } = await refused.catch((error) => error);
    const told = issues.map(({ message }: { message: string }) => message.replace(/^\S+ /, ''));
    expect(told).toEqual([
      "the control plane's environment has no NONE",
      expect.stringMatching(/^it has fewer than 4 characters/),
      expect.stringMatching(/^it has fewer than 4 characters/),
      'DATABASE_URL is a setting of Gantry itself and is not given to steps',
      'GANTRY_TOKEN is a setting of Gantry itself and is not given to steps',
      "the control plane's environment has no constructor",
      'there is no such file',
      'the file is not valid UTF-8',
      expect.stringMatching(/^it has fewer than 4 characters/),
      'the file is not below GANTRY_SECRET_FOLDERS',
      'the file is not below GANTRY_SECRET_FOLDERS',
      'the file is not below GANTRY_SECRET_FOLDERS',
      'there is no source of secrets "gopher:"; there are env:, file:',
    ]);
  });
});

describe('the own files of a control plane', () => {
  const home = folderWith({ '.pgpass': 'host:5432:gantry:ada:hunter2\n' }, false);
  const data = folderWith({ 'admin-token': 'gantry_api_secret\n' }, false);
  const kept = folderWith({ 'vault-token': 'hvs.secret\n', 'kube.yaml': 'token: secret\n' }, false);
  afterAll(() => {
    for (const folder of [home, data, kept]) rmSync(folder, { recursive: true });
  });
  symlinkSync(path.join(data, 'admin-token'), path.join(kept, 'innocent'));
  const { ownFiles } = loadConfig(
    {
      HOME: home,
      GANTRY_DATA: data,
      VAULT_TOKEN_FILE: path.join(kept, 'vault-token'),
      GANTRY_KUBECONFIG: path.join(kept, 'kube.yaml'),
    },
    data,
  );

  it.each([
    ['the admin token', path.join(data, 'admin-token')],
    ['a link to it', path.join(kept, 'innocent')],
    ['the same over /proc', `/proc/self/root${data}/admin-token`],
    ['the environment of the process', '/proc/self/environ'],
    ['the token of Vault', path.join(kept, 'vault-token')],
    ['the kubeconfig', path.join(kept, 'kube.yaml')],
    ['the passwords of PostgreSQL', path.join(home, '.pgpass')],
  ])('are no secrets of steps: %s', async (_, file) => {
    const open = openSecrets({ file: createFileSource(null, ownFiles) });
    const { issues } = await open.resolve([{ key: 'K', from: `file:${file}` }]).catch((error) => error);
    expect(issues?.[0]?.message).toContain('belongs to Gantry itself');
  });
});

/** Answers as Vault's HTTP API does; a Vault itself is not to be had everywhere. */
async function startVault(answers: Record<string, [number, unknown]>) {
  const asked: { url: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', headers: request.headers });
    const [status, body] = answers[request.url ?? ''] ?? [404, { errors: [] }];
    if (status === 0) return;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  const address = server.address();
  const port = address && typeof address === 'object' ? address.port : 0;
  return { address: `http://127.0.0.1:${port}`, asked, close };
}

const mounts = {
  '/v1/sys/internal/ui/mounts/kv2/shop/db': [
    200,
    { data: { path: 'kv2/', type: 'kv', options: { version: '2' } } },
  ],
  '/v1/sys/internal/ui/mounts/old/shop': [
    200,
    { data: { path: 'old/', type: 'kv', options: { version: '1' } } },
  ],
  '/v1/sys/internal/ui/mounts/pki/x': [200, { data: { path: 'pki/', type: 'pki', options: null } }],
  '/v1/kv2/data/shop/db': [
    200,
    { data: { data: { password: 'hunter2!', port: 54321, more: {} }, metadata: {} } },
  ],
  '/v1/old/shop': [200, { data: { key: 'from version 1' } }],
} satisfies Record<string, [number, unknown]>;

const vaultAt = (address: string) => ({
  address,
  token: 'the-token',
  tokenFile: null,
  namespace: 'team',
  limitMs: 5_000,
});

describe('secrets in Vault', () => {
  it('are read from KV versions 1 and 2, with token and namespace', async () => {
    const { address, asked } = await startVault(mounts);
    const source = createVaultSource({ outgoing: plainClient }, vaultAt(address));
    expect(await source.find('kv2/shop/db#password', undefined)).toBe('hunter2!');
    expect(await source.find('kv2/shop/db#port', undefined)).toBe('54321');
    expect(await source.find('old/shop#key', undefined)).toBe('from version 1');
    expect(asked.map(({ headers }) => [headers['x-vault-token'], headers['x-vault-namespace']])).toEqual(
      Array.from({ length: 6 }, () => ['the-token', 'team']),
    );
  });

  it('that are not there are missing, each with its reason', async () => {
    const { address } = await startVault({
      ...mounts,
      '/v1/sys/internal/ui/mounts/no/x': [403, { errors: ['denied'] }],
    });
    const source = createVaultSource({ outgoing: plainClient }, vaultAt(address));
    const refusals = [
      ['kv2/shop/db#nothing', 'it has no field "nothing"; there are password, port, more'],
      ['kv2/shop/db#more', '"more" is not a text'],
      ['nowhere/x#a', 'Vault has no mount there'],
      ['pki/x#a', 'what is mounted at pki/ is of the type pki, not kv'],
      ['no/x#a', "Vault refuses to tell it (403): look at the token's policy"],
    ];
    for (const [place = '', message] of refusals) {
      await expect(source.find(place, undefined)).rejects.toMatchObject({ code: 'secret_missing', message });
    }
    const nobody = createVaultSource({ outgoing: plainClient }, null);
    await expect(nobody.find('a#b', undefined)).rejects.toMatchObject({ code: 'secret_missing' });
  });

  it('of a Vault that says far too much are unavailable, and no path leads past its own', async () => {
    const { address, asked } = await startVault({
      '/v1/sys/internal/ui/mounts/large': [200, { data: 'x'.repeat(5 * 1024 * 1024) }],
    });
    const source = createVaultSource({ outgoing: plainClient }, vaultAt(address));
    await expect(source.find('large#a', undefined)).rejects.toMatchObject({
      code: 'secret_unavailable',
      message: 'Vault answers more than 4 MiB',
    });
    const before = asked.length;
    for (const place of ['../../../auth/token/lookup-self#id', 'kv2/../../sys/x#a', 'a/./b#c']) {
      await expect(source.find(place, undefined)).rejects.toMatchObject({ code: 'secret_missing' });
    }
    expect(asked).toHaveLength(before);
  });

  it('of a Vault that is sealed, silent or gone are unavailable', async () => {
    const vault = await startVault({
      '/v1/sys/internal/ui/mounts/sealed': [503, { errors: ['Vault is sealed'] }],
      '/v1/sys/internal/ui/mounts/silent': [0, null],
    });
    const clock = createFakeClock();
    const source = createVaultSource(
      { outgoing: createOutgoingClient({ clock }, plainOutgoing) },
      vaultAt(vault.address),
    );
    const sealed = source.find('sealed#a', undefined);
    await expect(sealed).rejects.toMatchObject({
      code: 'secret_unavailable',
      message: 'Vault answers 503: it is sealed',
    });
    const silent = source.find('silent#a', undefined).catch((error) => error);
    await clock.whenSleeping(5_000);
    await clock.advance(5_000);
    expect(await silent).toMatchObject({
      code: 'secret_unavailable',
      message: 'Vault did not answer within 5 s',
    });
    await vault.close();
    await expect(
      openSecrets({ vault: source }).resolve([{ key: 'K', from: 'vault:gone#a' }]),
    ).rejects.toMatchObject({
      code: 'secret_unavailable',
      message: 'A secret cannot be had: K (vault:gone#a: Vault cannot be reached).',
    });
  });
});
