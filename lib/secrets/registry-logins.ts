import type { PlatformSettings } from '../model/platform-settings';
import type { RegistryLogin } from '../model/registry-login';
import type { RegistryLogins, SecretSeal } from './secrets';

/** Reads the settings anew each time: who changes a password need not restart anything. */
export function createRegistryLogins(
  settings: { platform(): Promise<PlatformSettings | null> },
  seal: SecretSeal,
): RegistryLogins {
  return {
    async find(host) {
      const saved = (await settings.platform())?.registries?.find((login) => login.host === host);
      if (!saved) return null;
      return { ...saved, password: seal.open(Buffer.from(saved.password, 'base64'), nameOf(host)) };
    },
    seal: (login: RegistryLogin) => ({
      ...login,
      password: Buffer.from(seal.seal(login.password, nameOf(login.host))).toString('base64'),
    }),
  };
}

/** What a client sends to the registry: `user:password`, base64. */
export function basicOf(login: Pick<RegistryLogin, 'user' | 'password'> | null): string | null {
  return login && Buffer.from(`${login.user}:${login.password}`).toString('base64');
}

function nameOf(host: string): string {
  return `registry ${host}`;
}
