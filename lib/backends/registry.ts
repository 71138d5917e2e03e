import type { Clock } from '../clock';
import type { BackendKind } from '../model/execution';
import type { KubernetesSettings } from '../model/kubernetes-settings';
import type { BackendOption } from '../model/launch';
import type { BackendSetting } from '../model/platform-settings';
import type { SettingsStore } from '../store/store';
import type { Availability, Backend, BackendRegistry } from './backend';

const checkLifetimeMs = 5_000;

export type BackendFactories = Partial<Record<BackendKind, (setting: BackendSetting) => Backend>>;

/**
 * The backends that the platform settings name. Missing or empty settings bind a local one automatically, and remote
 * agents once one has registered (`hasAgents`). A cluster that the environment names stands behind the others, unless
 * the settings have one.
 * `process` has no isolation: `off` hides it, `on` adds it behind the others, `auto` adds it only while no
 * other backend can be reached.
 */
export function createBackendRegistry(
  {
    clock,
    settings,
    hasAgents = async () => false,
    kubernetes = null,
  }: {
    clock: Clock;
    settings: SettingsStore;
    hasAgents?: () => Promise<boolean>;
    kubernetes?: KubernetesSettings | null;
  },
  factories: BackendFactories,
  process: 'on' | 'off' | 'auto',
): BackendRegistry {
  const opened = new Map<string, { setting: string; backend: Backend }>();
  const checks = new Map<string, { at: number; answer: Promise<Availability> }>();

  function open(setting: BackendSetting): Backend | null {
    const known = opened.get(setting.id);
    const now = JSON.stringify([setting.kind, setting.kubernetes, setting.hardening]);
    if (known?.setting === now) return known.backend;
    const backend = factories[setting.kind]?.(setting) ?? null;
    checks.delete(setting.id);
    if (backend) opened.set(setting.id, { setting: now, backend });
    return backend;
  }

  function check(backend: Backend): Promise<Availability> {
    const known = checks.get(backend.id);
    if (known && clock.monotonicMs() - known.at < checkLifetimeMs) return known.answer;
    const answer = backend.check();
    checks.set(backend.id, { at: clock.monotonicMs(), answer });
    return answer;
  }

  async function settingsInForce(): Promise<BackendSetting[]> {
    // Every list of environments asks twice: at the same time, and not one after the other.
    const [platform, areAgentsThere] = await Promise.all([settings.platform(), hasAgents()]);
    const saved = platform?.backends.filter((backend) => backend.enabled) ?? [];
    const base = saved.length > 0 ? saved : [automaticLocal, ...(areAgentsThere ? [automaticRemote] : [])];
    const isMissing = (kind: BackendKind) => !base.some((backend) => backend.kind === kind);
    return [
      ...base,
      ...(kubernetes && isMissing('kubernetes') ? [{ ...automaticKubernetes, kubernetes }] : []),
      ...(isMissing('process') ? [automaticProcess] : []),
    ];
  }

  async function option(setting: BackendSetting): Promise<BackendOption> {
    const backend = open(setting);
    const answer: Availability = backend
      ? await check(backend)
      : {
          available: false,
          reason: `The backend kind ${setting.kind} is not supported by this version of Gantry.`,
        };
    return {
      id: setting.id,
      label: setting.label,
      kind: setting.kind,
      default: setting.default,
      available: answer.available,
      reason: answer.available ? null : answer.reason,
    };
  }

  return {
    async options() {
      const options = await Promise.all((await settingsInForce()).map(option));
      const others = options.filter((each) => each.kind !== 'process');
      const show = process === 'on' || (process === 'auto' && !others.some((each) => each.available));
      return show ? options : others;
    },
    async get(id) {
      const setting = (await settingsInForce()).find((each) => each.id === id);
      return setting ? open(setting) : null;
    },
    async capacity(id) {
      return (await settingsInForce()).find((each) => each.id === id)?.capacity ?? null;
    },
  };
}

const automaticLocal: BackendSetting = {
  id: 'local',
  kind: 'local',
  label: 'Docker on this machine',
  default: true,
  enabled: true,
};

const automaticRemote: BackendSetting = {
  id: 'remote-agent',
  kind: 'remote-agent',
  label: 'Remote agents',
  default: false,
  enabled: true,
};

const automaticKubernetes: BackendSetting = {
  id: 'kubernetes',
  kind: 'kubernetes',
  label: 'Kubernetes',
  default: false,
  enabled: true,
};

const automaticProcess: BackendSetting = {
  id: 'process',
  kind: 'process',
  label: 'Processes on this machine, without isolation',
  default: false,
  enabled: true,
};
