import { AppError, type InputIssue } from '../model/errors';
import type { KubeconfigSource } from '../model/kubernetes-settings';
import type { BackendSetting, PlatformSettings } from '../model/platform-settings';
import type { SettingsStore } from '../store/store';

/** What stands for a kubeconfig that is kept: it is never shown again, and sent back it leaves it as it is. */
export const hiddenKubeconfig = '***';

export interface SettingsDesk {
  /** As saved, or empty; without secrets. */
  show(): Promise<PlatformSettings>;
  /** Rejects with `bad_request` and every issue. Answers as `show` does. */
  save(settings: PlatformSettings): Promise<PlatformSettings>;
}

/** The platform's settings as they come and go over the API, where nobody is trusted with files or programs. */
export function createSettingsDesk(
  { settings }: { settings: SettingsStore },
  /** What is wrong with a kubeconfig, one sentence each. */
  vetKubeconfig: (text: string) => Promise<string[]>,
): SettingsDesk {
  async function saved(): Promise<PlatformSettings> {
    return (await settings.platform()) ?? { backends: [], env: {} };
  }

  /** The source to keep, or what is wrong with the one that came. */
  async function vet(
    given: KubeconfigSource,
    known: BackendSetting | undefined,
  ): Promise<{ source: KubeconfigSource } | { problems: string[] }> {
    if (given.from === 'cluster') return { source: given };
    if (given.from === 'file') {
      return {
        problems: ['Only the environment of the server may name a file: send the kubeconfig itself.'],
      };
    }
    if (given.text === hiddenKubeconfig) {
      const kept = known?.kubernetes?.kubeconfig;
      if (kept?.from === 'inline') return { source: kept };
      return { problems: ['There is no kubeconfig to keep: send one.'] };
    }
    const problems = await vetKubeconfig(given.text);
    return problems.length > 0 ? { problems } : { source: given };
  }

  return {
    show: async () => withoutSecrets(await saved()),
    async save(given) {
      const known = await saved();
      const issues: InputIssue[] = duplicates(given);
      const backends = await Promise.all(
        given.backends.map(async (backend, at) => {
          if (!backend.kubernetes) return backend;
          const vetted = await vet(
            backend.kubernetes.kubeconfig,
            known.backends.find(({ id }) => id === backend.id),
          );
          if ('source' in vetted) {
            return { ...backend, kubernetes: { ...backend.kubernetes, kubeconfig: vetted.source } };
          }
          const path = `backends.${at}.kubernetes.kubeconfig`;
          issues.push(...vetted.problems.map((message) => ({ path, message })));
          return backend;
        }),
      );
      const [first] = issues;
      if (first) {
        throw new AppError('bad_request', `The settings are not valid: ${first.path}: ${first.message}`, {
          issues,
        });
      }
      await settings.savePlatform({ ...given, backends });
      return withoutSecrets({ ...given, backends });
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

function withoutSecrets(settings: PlatformSettings): PlatformSettings {
  return {
    ...settings,
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
