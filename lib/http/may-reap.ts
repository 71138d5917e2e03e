import { hasRole, type Principal } from '../identity/principal';
import type { Environment } from '../model/environment';
import { AppError } from '../model/errors';

/** Members reap zombies and what they launched themselves, admins everything. Rejects with `forbidden`. */
export function checkMayReap(principal: Principal, environment: Environment | null): void {
  if (hasRole(principal, 'admin') || !environment || environment.state === 'zombie') return;
  if (environment.execution?.author === principal.name) return;
  throw new AppError(
    'forbidden',
    `Environment ${environment.id} is ${environment.execution?.author ?? 'somebody else'}'s: only they or an admin may reap it before it is a zombie.`,
  );
}
