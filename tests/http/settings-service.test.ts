import { existsSync } from 'node:fs';
import path from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validateKubeconfig } from '@/lib/backends/kubernetes/validate-kubeconfig';
import { createSettingsService, hiddenKubeconfig, type SettingsService } from '@/lib/http/settings-service';
import { type PlatformSettings, platformSettings } from '@/lib/model/platform-settings';
import { createRegistryLogins } from '@/lib/secrets/registry-logins';
import { createSeal } from '@/lib/secrets/seal';
import type { RegistryLogins } from '@/lib/secrets/secrets';
import { openTestStore } from '@/tests/support/database';

let opened: Awaited<ReturnType<typeof openTestStore>>;
let desk: SettingsService;
let logins: RegistryLogins;
const traces = path.join(process.cwd(), 'node_modules', `.vetted-${process.pid}`);

beforeAll(async () => {
  opened = await openTestStore();
  logins = createRegistryLogins(opened.store.settings, createSeal('the key of this test'));
  desk = createSettingsService(
    {
      settings: opened.store.settings,
      logins,
      checkLogin: async ({ password }) => ({ accepted: password === 'right', message: 'It was asked.' }),
    },
    (text) => validateKubeconfig(text, false),
  );
});
afterAll(() => opened.close());

describe('the platform settings over the API', () => {
  it('are empty until something was saved', async () => {
    expect(await desk.show()).toEqual({ backends: [], env: {}, registries: [] });
  });

  it('that an earlier version saved get what is new', async () => {
    const sql = postgres(opened.url, { max: 1 });
    const backend = { id: 'k', kind: 'kubernetes', label: 'K', default: true, enabled: true };
    const kubernetes = { kubeconfig: { from: 'cluster' }, pod: { labels: {}, annotations: {} } };
    await opened.store.settings.savePlatform({ backends: [], env: {} });
    await sql`update platform_settings set settings = ${sql.json({ backends: [{ ...backend, kubernetes }], env: {} })}`;
    await sql.end();
    const kept = await opened.store.settings.platform();
    expect(kept?.backends[0]?.kubernetes).toMatchObject({
      controlPlaneUrl: null,
      quota: true,
      pod: { env: {} },
    });
  });

  it('keep a kubeconfig and never show it again', async () => {
    const text = kubeconfig({});
    const shown = await desk.save(withCluster({ from: 'inline', text }));
    expect(sourceOf(shown)).toEqual({ from: 'inline', text: hiddenKubeconfig });
    expect(JSON.stringify(await desk.show())).not.toContain('the-token');
    expect(sourceOf(await opened.store.settings.platform())).toEqual({ from: 'inline', text });
  });

  it('leave the kubeconfig that is kept as it is when it comes back as it was shown', async () => {
    const text = kubeconfig({});
    await desk.save(withCluster({ from: 'inline', text }));
    const shown = await desk.show();
    await desk.save({ ...shown, env: { REGION: 'north' } });
    const kept = await opened.store.settings.platform();
    expect(kept?.env).toEqual({ REGION: 'north' });
    expect(sourceOf(kept)).toEqual({ from: 'inline', text });
  });

  it.each<[string, string, string]>([
    ['a program', kubeconfig({ user: `exec: { command: touch, args: [${traces}] }` }), '`exec`'],
    ['a provider', kubeconfig({ user: 'auth-provider: { name: oidc }' }), '`auth-provider`'],
    ['a token in a file', kubeconfig({ user: 'tokenFile: /etc/passwd' }), '`tokenFile`'],
    ['a key in a file', kubeconfig({ user: 'client-key: /etc/passwd' }), '`client-key`'],
    [
      'an authority in a file',
      kubeconfig({ cluster: 'certificate-authority: /etc/passwd' }),
      '`certificate-authority`',
    ],
    ['a proxy', kubeconfig({ cluster: 'proxy-url: http://10.0.0.1' }), '`proxy-url`'],
    ['this machine', kubeconfig({ server: 'https://127.0.0.1:6443' }), '127.0.0.1'],
    ['this machine by name', kubeconfig({ server: 'https://localhost:6443' }), 'leads to'],
    ['this machine in IPv6', kubeconfig({ server: 'https://[::1]:6443' }), '::1'],
    ['the services of a cloud', kubeconfig({ server: 'https://169.254.169.254' }), '169.254.169.254'],
    ['a server without TLS', kubeconfig({ server: 'http://203.0.113.1' }), 'not https'],
    ['something else', 'hello: [', 'no kubeconfig'],
    ['nothing', 'clusters: []', 'no kubeconfig'],
  ])('refuse a kubeconfig with %s', async (_, text, named) => {
    await expect(desk.save(withCluster({ from: 'inline', text }))).rejects.toMatchObject({
      code: 'bad_request',
      issues: [{ path: 'backends.0.kubernetes.kubeconfig', message: expect.stringContaining(named) }],
    });
    expect(existsSync(traces)).toBe(false);
  });

  it('refuse the name of a file, and to keep what is not there', async () => {
    const file = withCluster({ from: 'file', path: '/etc/kubernetes/admin.conf' });
    await expect(desk.save(file)).rejects.toThrow('Only the environment of the server may name a file');
    const kept = withCluster({ from: 'inline', text: hiddenKubeconfig }, 'another');
    await expect(desk.save(kept)).rejects.toThrow('There is no kubeconfig to keep');
  });

  it('keep the hardening of a backend on Docker, and refuse it where it means nothing', async () => {
    const local = { id: 'local', kind: 'local' as const, label: 'Docker', default: true, enabled: true };
    const strict = { backends: [{ ...local, hardening: 'strict' as const }], env: {} };
    expect(await desk.save(strict)).toEqual({ ...strict, registries: [] });
    const [backend] = withCluster({ from: 'cluster' }).backends;
    if (!backend) throw new Error('no backend');
    await expect(
      desk.save({ backends: [{ ...backend, hardening: 'strict' }], env: {} }),
    ).rejects.toMatchObject({
      issues: [{ path: 'backends.0.hardening', message: expect.stringContaining('this one is kubernetes') }],
    });
  });

  it('refuse two backends of one id', async () => {
    const [backend] = withCluster({ from: 'cluster' }).backends;
    if (!backend) throw new Error('no backend');
    await expect(desk.save({ backends: [backend, backend], env: {} })).rejects.toMatchObject({
      issues: [{ path: 'backends.1.id', message: 'There are two backends with the id kubernetes.' }],
    });
  });

  it('keep the password of a registry sealed in the row, and never show it', async () => {
    const login = { host: 'ghcr.io', user: 'ada', password: 'right' };
    const shown = { backends: [], env: {}, registries: [{ ...login, password: '***' }] };
    expect(await desk.save({ ...shown, registries: [login] })).toEqual(shown);
    expect(JSON.stringify(await opened.store.settings.platform())).not.toMatch(/right|cmlnaHQ/);
    // As it was shown, with another user, and from a client that knows nothing of registries.
    await desk.save({ ...shown, registries: [{ ...login, user: 'bea', password: '***' }] });
    await desk.save({ backends: [], env: {} });
    expect(await logins.find('ghcr.io')).toEqual({ ...login, user: 'bea' });
    expect(await desk.checkLogin({ ...login, password: '***' })).toMatchObject({ accepted: true });
    expect(await desk.checkLogin({ ...login, password: 'other' })).toMatchObject({ accepted: false });
    // A saved password is sent to the registry that it is for, and to no other.
    const elsewhere = { host: 'evil.example', user: 'ada', password: '***' };
    await expect(desk.checkLogin(elsewhere)).rejects.toMatchObject({ code: 'bad_request' });
    await expect(desk.save({ ...shown, registries: [elsewhere] })).rejects.toMatchObject({
      issues: [
        {
          path: 'registries.0.password',
          message: 'There is no password for evil.example to keep: send one.',
        },
      ],
    });
    await expect(desk.save({ ...shown, registries: [login, login] })).rejects.toMatchObject({
      issues: [{ path: 'registries.1.host', message: 'There are two logins for ghcr.io.' }],
    });
    await desk.save({ ...shown, registries: [] });
    expect(await logins.find('ghcr.io')).toBeNull();
  });
});

function kubeconfig({
  server = 'https://203.0.113.1:6443',
  cluster = '',
  user = '',
}: {
  server?: string;
  cluster?: string;
  user?: string;
}): string {
  return `
apiVersion: v1
kind: Config
current-context: it
contexts: [{ name: it, context: { cluster: it, user: it } }]
clusters:
  - name: it
    cluster:
      server: ${server}
      ${cluster}
users:
  - name: it
    user:
      token: the-token
      ${user}
`;
}

function withCluster(source: object, id = 'kubernetes'): PlatformSettings {
  return platformSettings.parse({
    backends: [
      {
        id,
        kind: 'kubernetes',
        label: 'Cluster',
        default: true,
        enabled: true,
        kubernetes: { kubeconfig: source },
      },
    ],
    env: {},
  });
}

function sourceOf(settings: PlatformSettings | null) {
  return settings?.backends[0]?.kubernetes?.kubeconfig;
}
