import type { Clock } from '../clock';
import type { BackendKind } from '../model/execution';
import type { BackendOption } from '../model/launch';
import type { BackendSetting } from '../model/platform-settings';
import type { SettingsStore } from '../store/store';
import type { Availability, Backend, BackendRegistry } from './backend';

const checkLifetimeMs = 5_000;

export type BackendFactories = Partial<Record<BackendKind, (setting: BackendSetting) => Backend>>;

/**
 * The backends that the platform settings name. Missing or empty settings bind a local one automatically, and remote
 * agents once one has registered (`hasAgents`).
 * `process` has no isolation: `off` hides it, `on` adds it behind the others, `auto` adds it only while no
 * other backend can be reached.
 */
export function createBackendRegistry(
  {
    clock,
    settings,
    hasAgents = async () => false,
  }: { clock: Clock; settings: SettingsStore; hasAgents?: () => Promise<boolean> },
  factories: BackendFactories,
  process: 'on' | 'off' | 'auto',
): BackendRegistry {
  const opened = new Map<string, Backend>();
  const checks = new Map<string, { at: number; answer: Promise<Availability> }>();

  function open(setting: BackendSetting): Backend | null {
    const known = opened.get(setting.id);
    if (known?.kind === setting.kind) return known;
    const backend = factories[setting.kind]?.(setting) ?? null;
    if (backend) opened.set(setting.id, backend);
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
    const saved = (await settings.platform())?.backends.filter((backend) => backend.enabled) ?? [];
    const base =
      saved.length > 0 ? saved : [automaticLocal, ...((await hasAgents()) ? [automaticRemote] : [])];
    return base.some((backend) => backend.kind === 'process') ? base : [...base, automaticProcess];
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

const automaticProcess: BackendSetting = {
  id: 'process',
  kind: 'process',
  label: 'Processes on this machine, without isolation',
  default: false,
  enabled: true,
};
