import type { InputIssue } from '../model/errors';
import type { ManagedProfile } from '../model/managed-profile';
import { mergeStepChanges, type SuiteProfile } from '../model/suite';
import type { Suite } from '../suites/suite';

/** Checks a managed profile beyond its own schema and returns its problems; empty when it can be used. */
export function checkOverlay(
  suite: Suite,
  managed: readonly ManagedProfile[],
  profile: ManagedProfile,
): InputIssue[] {
  const issues: InputIssue[] = [];
  if (suite.profiles.some(({ name }) => name === profile.name)) {
    const message = `the suite's package has a profile "${profile.name}"; a managed one needs a name of its own`;
    issues.push({ path: 'name', message });
  }
  const steps = new Set(suite.steps.filter(({ kind }) => kind !== 'suite').map(({ id }) => id));
  for (const id of Object.keys(profile.steps)) {
    if (!steps.has(id))
      issues.push({ path: `steps.${id}`, message: `the suite ${suite.id} has no step "${id}"` });
  }
  for (const [index, secret] of profile.secrets.entries()) {
    for (const id of secret.steps ?? []) {
      if (!steps.has(id))
        issues.push({ path: `secrets.${index}.steps`, message: `the suite ${suite.id} has no step "${id}"` });
    }
  }
  if (profile.default && !profile.launchable) {
    issues.push({ path: 'default', message: 'expected a default profile that is launchable' });
  }
  const others = managed.filter(({ name }) => name !== profile.name);
  const chain = chainOf(suite, [...others, profile], profile);
  if ('complaint' in chain) issues.push({ path: 'extends', message: chain.complaint });
  return issues;
}

/**
 * The suite with the managed profiles that can be used beside those of its package. A managed default is the default
 * whatever the package says. One whose base or steps the package has no longer is left out.
 */
export function overlayProfiles(suite: Suite, managed: readonly ManagedProfile[]): Suite {
  const usable = managed.filter((profile) => checkOverlay(suite, managed, profile).length === 0);
  if (usable.length === 0) return suite;
  const hasDefault = usable.some((profile) => profile.default);
  const own = suite.profiles.map((profile) => ({ ...profile, default: profile.default && !hasDefault }));
  return {
    ...suite,
    profiles: [...own, ...usable.flatMap((profile) => merge(suite, usable, profile) ?? [])],
  };
}

function merge(
  suite: Suite,
  managed: readonly ManagedProfile[],
  profile: ManagedProfile,
): SuiteProfile | null {
  const chain = chainOf(suite, managed, profile);
  if ('complaint' in chain) return null;
  const { name, description, launchable } = profile;
  const secrets = new Map(chain.layers.flatMap((layer) => layer.secrets.map((each) => [each.key, each])));
  return {
    name,
    description,
    default: profile.default,
    launchable,
    env: Object.assign({}, ...chain.layers.map(({ env }) => env)),
    headers: Object.assign({}, ...chain.layers.map(({ headers }) => headers)),
    ...(chain.layers.some(({ vars }) => vars)
      ? { vars: Object.assign({}, ...chain.layers.map(({ vars }) => vars)) }
      : {}),
    secrets: [...secrets.values()],
    steps: mergeStepChanges(chain.layers),
  };
}

type Layer = Pick<SuiteProfile, 'env' | 'headers' | 'vars' | 'secrets' | 'steps'>;

/** The lowest first. A package's profile has its own bases merged in. */
function chainOf(
  suite: Suite,
  managed: readonly ManagedProfile[],
  profile: ManagedProfile,
): { layers: Layer[] } | { complaint: string } {
  const names = [profile.name];
  const layers: Layer[] = [profile];
  for (let base = profile.extends; base !== null; ) {
    const above = base;
    if (names.includes(above))
      return { complaint: `profiles extend each other in a cycle: ${[...names, above].join(' → ')}` };
    names.push(above);
    const own = suite.profiles.find(({ name }) => name === above);
    if (own) return { layers: [own, ...layers] };
    const next = managed.find(({ name }) => name === above);
    if (!next) {
      const known = [...suite.profiles, ...managed]
        .map(({ name }) => name)
        .filter((name) => name !== profile.name);
      return { complaint: `there is no profile "${above}"; there are ${known.join(', ')}` };
    }
    layers.unshift(next);
    base = next.extends;
  }
  return { layers };
}
