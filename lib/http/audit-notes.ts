import type { AuditDetail } from '../model/audit';
import type { ReapResult } from '../model/environment';
import type { ExecutionSummary } from '../model/execution';
import type { LaunchRequest } from '../model/launch';
import type { PlatformSettings } from '../model/platform-settings';
import { type AuditNote, cutText } from './audit-trail';

/** What came of a reap: an entry for each environment. */
export function reapNotes(results: readonly ReapResult[]): AuditNote[] {
  return results.map(({ id, outcome, receipt, reason }) => ({
    action: 'environment.reaped',
    subject: { kind: 'environment', id },
    outcome: outcome === 'removed' ? 'allowed' : outcome === 'refused' ? 'refused' : 'failed',
    detail: {
      created: receipt.created,
      removed: receipt.removed,
      left: receipt.left.map(({ kind, name }) => `${kind} ${name}`).slice(0, 50),
      reason: reason === null ? null : cutText(reason),
    },
  }));
}

/** What is in force from now on; of env the names alone, of registries the hosts and users, and nothing of a kubeconfig. */
export function settingsDetail({ backends, env, registries = [] }: PlatformSettings): AuditDetail {
  return {
    backends: backends.map((backend) => ({
      id: backend.id,
      kind: backend.kind,
      enabled: backend.enabled,
      default: backend.default,
      ...(backend.hardening ? { hardening: backend.hardening } : {}),
    })),
    env: Object.keys(env),
    ...(registries.length > 0 ? { registries: registries.map(({ host, user }) => ({ host, user })) } : {}),
  };
}

/** Of env, variables and secrets the names alone. */
export function launchNote(
  { id, suite, profile, backend }: ExecutionSummary,
  request: LaunchRequest,
): AuditNote {
  const { keep = null, env = {}, vars, images, secrets } = request;
  return {
    subject: { kind: 'execution', id },
    detail: {
      suite: suite.id,
      profile,
      backend: backend.id,
      keep,
      env: Object.keys(env),
      ...(vars ? { vars: Object.keys(vars) } : {}),
      ...(images ? { images } : {}),
      ...(secrets ? { secrets: Object.keys(secrets) } : {}),
    },
  };
}
