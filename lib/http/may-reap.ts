import { hasRole, type Principal } from '../identity/principal';
import type { SuiteAccess } from '../identity/suite-access';
import type { Environment } from '../model/environment';
import { AppError } from '../model/errors';

/**
 * Members may reap and extend zombies and what they launched themselves. Holders of a grant may do so with everything
 * of the suite, admins with everything. Rejects with `forbidden`.
 */
export function checkMayReap(
  principal: Principal,
  environment: Environment | null,
  suites: Pick<SuiteAccess, 'isGranted'>,
  right: 'reap' | 'keep' = 'reap',
): void {
  if (suites.isGranted(right, environment?.suiteId ?? null)) return;
  if (hasRole(principal, 'admin') || !environment || environment.state === 'zombie') return;
  if (environment.execution?.author === principal.name) return;
  throw new AppError(
    'forbidden',
    `Environment ${environment.id} is ${environment.execution?.author ?? 'somebody else'}'s: only they or an admin may reap it before it is a zombie.`,
  );
}
