import type { VariableRow } from '@/app/_components/variable-rows';
import type { BackendOption } from '@/lib/model/launch';
import type { BackendSetting, PlatformSettings } from '@/lib/model/platform-settings';
import { expectedRegistryHost } from '@/lib/model/registry-host';
import type { RegistryLogin } from '@/lib/model/registry-login';

/** The settings as they are being typed. Rows have a key of their own: an id may be changed, or not be there yet. */
export interface Draft {
  backends: { key: string; setting: BackendSetting; isNew: boolean }[];
  env: VariableRow[];
  registries: { key: string; login: RegistryLogin; isNew: boolean }[];
}

/** Creates a draft from the current settings; without saved ones, from the automatic backends. */
export function draftOf(saved: PlatformSettings, options: readonly BackendOption[]): Draft {
  const backends = saved.backends.length > 0 ? saved.backends : options.filter(isBound).map(settingOf);
  return {
    backends: backends.map((setting) => ({ key: setting.id, setting, isNew: false })),
    env: Object.entries(saved.env).map(([name, value]) => ({ key: name, name, value })),
    registries: (saved.registries ?? []).map((login) => ({ key: login.host, login, isNew: false })),
  };
}

export function settingsOf({ backends, env, registries }: Draft): PlatformSettings {
  return {
    backends: backends.map(({ setting }) => ({ ...setting, label: setting.label.trim() })),
    env: Object.fromEntries(
      env.filter(({ name }) => name.trim() !== '').map(({ name, value }) => [name.trim(), value]),
    ),
    registries: registries.map(({ login }) => login),
  };
}

/** Returns the problems of a draft, one sentence each, before it is sent. */
export function problemsOf({ backends, env, registries }: Draft): string[] {
  const ids = backends.map(({ setting }) => setting.id).filter((id) => id !== '');
  const names = env.map(({ name }) => name.trim()).filter((name) => name !== '');
  return [
    ...backends
      .filter(({ setting }) => !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(setting.id))
      .map(({ setting }) => {
        const what = setting.id === '' ? 'A backend needs an id' : `"${setting.id}" is no id`;
        return `${what}: lower-case letters, digits and -.`;
      }),
    ...backends
      .filter(({ setting }) => setting.label.trim() === '')
      .map(
        ({ setting }) => `${setting.id === '' ? 'A backend' : `The backend ${setting.id}`} needs a label.`,
      ),
    ...repeated(ids).map((id) => `There are two backends with the id ${id}.`),
    ...repeated(names).map((name) => `There are two variables called ${name}.`),
    ...env
      .filter(({ name, value }) => name.trim() === '' && value !== '')
      .map(() => 'A variable with a value needs a name.'),
    ...registries.flatMap(({ login }) => problemsOfLogin(login)),
    ...repeated(registries.map(({ login }) => login.host).filter((host) => host !== '')).map(
      (host) => `There are two logins for ${host}.`,
    ),
  ];
}

function problemsOfLogin({ host, user, password }: RegistryLogin): string[] {
  if (host === '') return ['A registry needs a host.'];
  const expected = expectedRegistryHost(host);
  if (expected) return [`"${host}" is no registry: expected ${expected}.`];
  return user === '' || password === '' ? [`${host} needs a user and a password.`] : [];
}

/** Describes what saving would remove, in one sentence; null if nothing. */
export function formatLoss(saved: PlatformSettings, draft: Draft): string | null {
  const now = new Map(draft.backends.map(({ setting }) => [setting.id, setting]));
  const off = saved.backends.filter(({ id, enabled }) => enabled && now.get(id)?.enabled !== true);
  if (off.length === 0) return null;
  const names = off.map(({ label }) => label).join(', ');
  return `Saving takes ${names} out of use: nothing is launched there any more, and environments that are still there cannot be reaped from here.`;
}

/** Not what the server's own environment turns on, which is there without being named. */
function isBound({ kind }: BackendOption): boolean {
  return kind !== 'process';
}

function settingOf({ id, kind, label, default: isDefault }: BackendOption): BackendSetting {
  return { id, kind, label, default: isDefault, enabled: true };
}

function repeated(words: readonly string[]): string[] {
  return [...new Set(words.filter((word, at) => words.indexOf(word) < at))];
}
