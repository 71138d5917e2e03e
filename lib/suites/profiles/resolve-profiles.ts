import { mergeStepChanges, type SuiteProfile } from '../../model/suite';
import { makeKeyIssue, quote } from '../file/issue';
import { nearest, suggest } from '../file/nearest';
import type { ProfileYaml } from '../file/schema/profile-yaml';
import type { ReadProfile } from './read-profile';

const onlyProfile: SuiteProfile = {
  name: 'default',
  description: null,
  default: true,
  launchable: true,
  env: {},
  headers: {},
  secrets: [],
  steps: {},
};

/**
 * Checks the profiles of a suite against each other and against the ids of its steps, and merges what they extend. At
 * least one comes out.
 */
export function resolveProfiles(read: readonly ReadProfile[], stepIds: readonly string[]): SuiteProfile[] {
  if (read.length === 0) return [onlyProfile];
  const byName = new Map<string, ReadProfile>();
  for (const profile of read) {
    const first = byName.get(profile.name);
    if (first) {
      const message = `expected a name of its own, found ${quote(profile.name)}, which ${first.source.file} has`;
      profile.source.add(['name'], message);
    } else byName.set(profile.name, profile);
  }
  checkSteps(read, stepIds);
  const chosen = chooseDefault(read);
  return [...byName.values()].map((profile) => {
    const chain = extendsChain(profile, byName);
    return {
      ...toSuiteProfile(profile.name, profile.profile),
      default: profile === chosen,
      env: Object.assign({}, ...chain.map(({ env }) => env)),
      headers: Object.assign({}, ...chain.map(({ headers }) => headers)),
      ...(chain.some(({ vars }) => vars)
        ? { vars: Object.assign({}, ...chain.map(({ vars }) => vars)) }
        : {}),
      secrets: [...new Map(chain.flatMap(({ secrets }) => secrets.map((each) => [each.key, each]))).values()],
      steps: mergeStepChanges(chain),
    };
  });
}

/** Makes the profile as it is stored, without what it extends. */
export function toSuiteProfile(
  name: string,
  { description, launchable, env, headers, vars, secrets, steps }: ProfileYaml,
): Omit<SuiteProfile, 'default'> {
  return {
    name,
    description: description ?? null,
    launchable,
    env,
    headers,
    ...(vars ? { vars } : {}),
    secrets,
    steps,
  };
}

/** Lists the profile and all that it extends, the lowest base first. */
function extendsChain(profile: ReadProfile, byName: ReadonlyMap<string, ReadProfile>): ProfileYaml[] {
  const chain = [profile];
  for (let current = profile; current.profile.extends !== undefined; ) {
    const name = current.profile.extends;
    const base = byName.get(name);
    if (!base) {
      // Reported once, at the profile that names it.
      if (current === profile) reportUnknownBase(profile, name, [...byName.keys()]);
      break;
    }
    if (chain.includes(base)) {
      if (base === profile && isFirstOfCycle(chain)) {
        const names = [...chain, base].map((each) => each.name).join(' → ');
        const message = `expected profiles that end in one without "extends", found a cycle: ${names}`;
        profile.source.add(['extends'], message);
      }
      break;
    }
    chain.push(base);
    current = base;
  }
  return chain.map((each) => each.profile).reverse();
}

function reportUnknownBase(profile: ReadProfile, name: string, names: readonly string[]): void {
  const near = nearest(name, names);
  const known = near ? `did you mean "${near}"?` : `profiles are ${names.join(', ')}`;
  profile.source.add(['extends'], `expected the name of a profile, found ${quote(name)}; ${known}`);
}

/** Each cycle is reported once, at the file that sorts first. */
function isFirstOfCycle([first, ...others]: readonly ReadProfile[]): boolean {
  return first !== undefined && others.every(({ source }) => first.source.file < source.file);
}

function checkSteps(read: readonly ReadProfile[], stepIds: readonly string[]): void {
  const known = new Set(stepIds);
  for (const profile of read) {
    for (const id of profile.stepIds) {
      if (known.has(id)) continue;
      const message = `expected the id of a step, found ${quote(id)}${suggest(id, stepIds)}`;
      profile.source.report([makeKeyIssue(['steps'], id, message)]);
    }
    for (const [index, { steps = [] }] of profile.profile.secrets.entries()) {
      for (const id of steps) {
        if (known.has(id)) continue;
        const message = `expected the id of a step, found ${quote(id)}${suggest(id, stepIds)}`;
        profile.source.add(['secrets', index, 'steps'], message);
      }
    }
  }
}

/** Chooses the profile that is marked as the default, else the first that can be launched. */
function chooseDefault(read: readonly ReadProfile[]): ReadProfile | undefined {
  const [chosen, ...others] = read.filter(({ profile }) => profile.default);
  for (const other of others) {
    other.source.add(
      ['default'],
      `expected one default profile, found a second; ${chosen?.source.file} is it already`,
    );
  }
  if (chosen && !chosen.profile.launchable) {
    chosen.source.add(
      ['default'],
      'expected a default profile that is launchable, found "launchable: false"',
    );
  }
  const first = chosen ?? read.find(({ profile }) => profile.launchable);
  if (!first) {
    read[0]?.source.add(['launchable'], 'expected at least one launchable profile, found none');
  }
  return first;
}
