import { AppError } from '../model/errors';
import type { SecretSource } from './secrets';

/** Gantry's own settings and credentials are nobody's secrets to hand out. */
const ownName = /^(GANTRY_|NEXTAUTH_|PG|VAULT_|DATABASE_URL$|REDIS_URL$|KUBECONFIG$)/;

/** `env:NAME`: variables of the control plane. */
export function createEnvSource(env: Readonly<Record<string, string | undefined>>): SecretSource {
  return {
    async find(name) {
      if (ownName.test(name)) {
        throw new AppError(
          'secret_missing',
          `${name} is a setting of Gantry itself and is not given to steps`,
        );
      }
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (value === undefined || value === '') {
        throw new AppError('secret_missing', `the control plane's environment has no ${name}`);
      }
      return value;
    },
  };
}
