import type { Suite, SuiteProfile } from '../model/suite';
import { type Place, quote } from './place';
import type { ProfileFields } from './profile-form';
import { nearest } from './readers';

/** A profile as its file says it, and where to complain about that file. */
export interface ReadProfile {
  fields: ProfileFields;
  file: string;
  place: Place;
}

/** Checks the profiles against each other and the steps, and merges what they extend. At least one comes out. */
export function resolveProfiles(read: readonly ReadProfile[], steps: Suite['steps']): SuiteProfile[] {
  if (read.length === 0) {
    return [
      {
        name: 'default',
        description: null,
        default: true,
        launchable: true,
        env: {},
        headers: {},
        secrets: [],
        steps: {},
      },
    ];
  }
  const byName = new Map<string, ReadProfile>();
  for (const profile of read) {
    const first = byName.get(profile.fields.name);
    if (first) {
      profile.place
        .at('name')
        .complain(`expected a name of its own, found ${quote(profile.fields.name)}, which ${first.file} has`);
    } else byName.set(profile.fields.name, profile);
  }
  checkSteps(read, steps);
  const chosen = chooseDefault(read);
  return [...byName.values()].map((profile) => {
    const chain = extendsChain(profile, byName);
    const { name, description, launchable } = profile.fields;
    return {
      name,
      description,
      default: profile === chosen,
      launchable,
      env: Object.assign({}, ...chain.map(({ env }) => env)),
      headers: Object.assign({}, ...chain.map(({ headers }) => headers)),
      secrets: mergeSecrets(chain),
      steps: mergeSteps(chain),
    };
  });
}

/** The profile's fields and those of all that it extends, the lowest base first. */
function extendsChain(profile: ReadProfile, byName: ReadonlyMap<string, ReadProfile>): ProfileFields[] {
  const chain = [profile];
  for (let current = profile; current.fields.extends !== null; ) {
    const name = current.fields.extends;
    const base = byName.get(name);
    if (!base) {
      // Said once, at the profile that names it.
      if (current === profile) {
        const near = nearest(name, [...byName.keys()]);
        const known = near ? `did you mean "${near}"?` : `profiles are ${[...byName.keys()].join(', ')}`;
        profile.place
          .at('extends')
          .complain(`expected the name of a profile, found ${quote(name)}; ${known}`);
      }
      break;
    }
    if (chain.includes(base)) {
      if (base === profile && isFirstOfCycle(chain)) {
        const names = [...chain, base].map(({ fields }) => fields.name).join(' → ');
        profile.place
          .at('extends')
          .complain(`expected profiles that end in one without "extends", found a cycle: ${names}`);
      }
      break;
    }
    chain.push(base);
    current = base;
  }
  return chain.map(({ fields }) => fields).reverse();
}

/** Each cycle is told once, at the file that sorts first. */
function isFirstOfCycle([first, ...others]: readonly ReadProfile[]): boolean {
  return first !== undefined && others.every(({ file }) => first.file < file);
}

function mergeSecrets(chain: readonly ProfileFields[]): SuiteProfile['secrets'] {
  return [...new Map(chain.flatMap(({ secrets }) => secrets.map((each) => [each.key, each]))).values()];
}

function mergeSteps(chain: readonly ProfileFields[]): SuiteProfile['steps'] {
  const merged = new Map<string, SuiteProfile['steps'][string]>();
  for (const { steps } of chain) {
    for (const [id, layer] of steps) {
      const below = merged.get(id);
      merged.set(id, {
        env: { ...below?.env, ...layer.env },
        headers: { ...below?.headers, ...layer.headers },
      });
    }
  }
  return Object.fromEntries(merged);
}

function checkSteps(read: readonly ReadProfile[], steps: Suite['steps']): void {
  const ids = steps.filter(({ kind }) => kind !== 'suite').map(({ id }) => id);
  const known = new Set(ids);
  for (const { fields, place } of read) {
    for (const id of fields.steps.keys()) {
      if (known.has(id)) continue;
      const near = nearest(id, ids);
      place
        .at('steps')
        .complainOfKey(
          id,
          `expected the id of a step, found ${quote(id)}${near ? `; did you mean "${near}"?` : ''}`,
        );
    }
  }
}

/** The one that says so, else the first that can be launched. */
function chooseDefault(read: readonly ReadProfile[]): ReadProfile | undefined {
  const [chosen, ...others] = read.filter(({ fields }) => fields.default);
  for (const other of others) {
    other.place
      .at('default')
      .complain(`expected one default profile, found a second; ${chosen?.file} is it already`);
  }
  if (chosen && !chosen.fields.launchable) {
    chosen.place
      .at('default')
      .complain('expected a default profile that is launchable, found "launchable: false"');
  }
  const first = chosen ?? read.find(({ fields }) => fields.launchable);
  if (!first)
    read[0]?.place.at('launchable').complain('expected at least one launchable profile, found none');
  return first;
}
