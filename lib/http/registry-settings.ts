import type { InputIssue } from '../model/errors';
import type { PlatformSettings } from '../model/platform-settings';
import type { RegistryLogin } from '../model/registry-login';
import type { RegistryLogins } from '../secrets/secrets';

/** What stands for a password that is kept: it is never shown again, and sent back it stays as it is. */
export const hiddenPassword = '***';

type Saved = Pick<PlatformSettings, 'registries'>;

/** The logins as they are stored, and what is wrong with those that came. */
export function storedLogins(
  logins: Pick<RegistryLogins, 'seal'>,
  given: Saved,
  saved: Saved,
): { registries: RegistryLogin[]; issues: InputIssue[] } {
  const issues: InputIssue[] = [];
  const before = saved.registries ?? [];
  if (given.registries === undefined) return { registries: before, issues };
  const hosts = given.registries.map(({ host }) => host);
  const registries = given.registries.map((login, at) => {
    if (hosts.indexOf(login.host) < at) {
      issues.push({ path: `registries.${at}.host`, message: `There are two logins for ${login.host}.` });
    }
    if (login.password !== hiddenPassword) return logins.seal(login);
    const kept = before.find(({ host }) => host === login.host);
    if (!kept) {
      const message = `There is no password for ${login.host} to keep: send one.`;
      issues.push({ path: `registries.${at}.password`, message });
    }
    return { ...login, password: kept?.password ?? '' };
  });
  return { registries, issues };
}

export function withoutPasswords(registries: readonly RegistryLogin[] = []): RegistryLogin[] {
  return registries.map((login) => ({ ...login, password: hiddenPassword }));
}
