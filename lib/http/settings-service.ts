import { AppError, type InputIssue } from '../model/errors';
import type { KubeconfigSource } from '../model/kubernetes-settings';
import type { BackendSetting, PlatformSettings } from '../model/platform-settings';
import type { RegistryCheck, RegistryLogin } from '../model/registry-login';
import type { RegistryLogins } from '../secrets/secrets';
import type { SettingsStore } from '../store/store';
import { hiddenPassword, storedLogins, withoutPasswords } from './registry-settings';

/** What stands for a kubeconfig that is kept: it is never shown again, and sent back it leaves it as it is. */
export const hiddenKubeconfig = '***';

export interface SettingsService {
  /** As saved, or empty; without secrets. */
  show(): Promise<PlatformSettings>;
  /** Rejects with `bad_request` and every issue. Answers as `show` does. */
  save(settings: PlatformSettings): Promise<PlatformSettings>;
  /** What the registry says to the login, saved or not; the saved password where it comes as `***`. */
  checkLogin(login: RegistryLogin): Promise<RegistryCheck>;
}

/** The platform's settings as they come and go over the API, where nobody is trusted with files or programs. */
export function createSettingsService(
  {
    settings,
    logins,
    checkLogin,
  }: {
    settings: SettingsStore;
    logins: RegistryLogins;
    checkLogin: (login: RegistryLogin) => Promise<RegistryCheck>;
  },
  /** What is wrong with a kubeconfig, one sentence each. */
  validateKubeconfig: (text: string) => Promise<string[]>,
): SettingsService {
  async function saved(): Promise<PlatformSettings> {
    return (await settings.platform()) ?? { backends: [], env: {} };
  }

  /** The source to keep, or what is wrong with the one that came. */
  async function validateSource(
    given: KubeconfigSource,
    savedBackend: BackendSetting | undefined,
  ): Promise<{ source: KubeconfigSource } | { problems: string[] }> {
    if (given.from === 'cluster') return { source: given };
    if (given.from === 'file') {
      return {
        problems: ['Only the environment of the server may name a file: send the kubeconfig itself.'],
      };
    }
    if (given.text === hiddenKubeconfig) {
      const kept = savedBackend?.kubernetes?.kubeconfig;
      if (kept?.from === 'inline') return { source: kept };
      return { problems: ['There is no kubeconfig to keep: send one.'] };
    }
    const problems = await validateKubeconfig(given.text);
    return problems.length > 0 ? { problems } : { source: given };
  }

  return {
    show: async () => withoutSecrets(await saved()),
    async save(given) {
      const before = await saved();
      const stored = storedLogins(logins, given, before);
      const issues: InputIssue[] = [...duplicates(given), ...misplaced(given), ...stored.issues];
      const backends = await Promise.all(
        given.backends.map(async (backend, at) => {
          if (!backend.kubernetes) return backend;
          const validated = await validateSource(
            backend.kubernetes.kubeconfig,
            before.backends.find(({ id }) => id === backend.id),
          );
          if ('source' in validated) {
            return { ...backend, kubernetes: { ...backend.kubernetes, kubeconfig: validated.source } };
          }
          const path = `backends.${at}.kubernetes.kubeconfig`;
          issues.push(...validated.problems.map((message) => ({ path, message })));
          return backend;
        }),
      );
      const [first] = issues;
      if (first) {
        throw new AppError('bad_request', `The settings are not valid: ${first.path}: ${first.message}`, {
          issues,
        });
      }
      const { registries } = stored;
      await settings.savePlatform({ ...given, backends, registries });
      return withoutSecrets({ ...given, backends, registries });
    },
    async checkLogin(login) {
      if (login.password !== hiddenPassword) return checkLogin(login);
      const kept = await logins.find(login.host);
      if (kept) return checkLogin({ ...login, password: kept.password });
      throw new AppError('bad_request', `There is no saved password for ${login.host}: send one.`);
    },
  };
}

function duplicates({ backends }: PlatformSettings): InputIssue[] {
  return backends.flatMap(({ id }, at) =>
    backends.findIndex((other) => other.id === id) < at
      ? [{ path: `backends.${at}.id`, message: `There are two backends with the id ${id}.` }]
      : [],
  );
}

function misplaced({ backends }: PlatformSettings): InputIssue[] {
  return backends.flatMap(({ kind, hardening }, at) =>
    hardening !== undefined && kind !== 'local' && kind !== 'remote-agent'
      ? [
          {
            path: `backends.${at}.hardening`,
            message: `Only backends of the kinds local and remote-agent have a hardening, and this one is ${kind}: leave it out.`,
          },
        ]
      : [],
  );
}

function withoutSecrets(settings: PlatformSettings): PlatformSettings {
  return {
    ...settings,
    registries: withoutPasswords(settings.registries),
    backends: settings.backends.map((backend) =>
      backend.kubernetes?.kubeconfig.from === 'inline'
        ? {
            ...backend,
            kubernetes: { ...backend.kubernetes, kubeconfig: { from: 'inline', text: hiddenKubeconfig } },
          }
        : backend,
    ),
  };
}
