import { AppError } from '../model/errors';
import type { SecretReference } from '../model/secret';
import { hasRole, type Principal } from './principal';

/**
 * A secret's place is a variable or a file of the control plane's own machine: what comes over the API may name one
 * only for an admin. Files of suites are the operator's. Throws AppError `forbidden`.
 */
export function checkMayName(principal: Principal, secrets: readonly SecretReference[] | undefined): void {
  if (!secrets || secrets.length === 0 || hasRole(principal, 'admin')) return;
  throw new AppError(
    'forbidden',
    `A profile with secrets needs the role admin; ${principal.name} is ${principal.role}.`,
  );
}
