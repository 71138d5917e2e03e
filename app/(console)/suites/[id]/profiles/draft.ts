import { newRowKey, type VariableRow } from '@/app/_components/variable-rows';
import type { ManagedProfile, ProfileRequest } from '@/lib/model/managed-profile';
import type { ProfileStepChange } from '@/lib/model/suite';

export interface SecretRow {
  key: string;
  name: string;
  from: string;
}

export interface StepRow {
  id: string;
  /** What the page shows and does not change. */
  kept: Pick<ProfileStepChange, 'skip' | 'image' | 'run'>;
  env: VariableRow[];
  headers: VariableRow[];
}

/** A managed profile as it is being typed. */
export interface Draft {
  name: string;
  description: string;
  /** Empty: none. */
  extends: string;
  isDefault: boolean;
  isLaunchable: boolean;
  env: VariableRow[];
  headers: VariableRow[];
  vars: VariableRow[];
  secrets: SecretRow[];
  steps: StepRow[];
}

export function draftOf(profile: ManagedProfile | null, base: string): Draft {
  return {
    name: profile?.name ?? '',
    description: profile?.description ?? '',
    extends: profile?.extends ?? base,
    isDefault: profile?.default ?? false,
    isLaunchable: profile?.launchable ?? true,
    env: rowsOf(profile?.env ?? {}),
    headers: rowsOf(profile?.headers ?? {}),
    vars: rowsOf(profile?.vars ?? {}),
    secrets: (profile?.secrets ?? []).map(({ key, from }) => ({ key: newRowKey(), name: key, from })),
    steps: Object.entries(profile?.steps ?? {}).map(([id, { env, headers, ...kept }]) => ({
      id,
      kept,
      env: rowsOf(env),
      headers: rowsOf(headers),
    })),
  };
}

/** What is sent. Rows in which nothing was typed are left out. */
export function requestOf(draft: Draft, isNew: boolean): ProfileRequest {
  return {
    ...(isNew ? { name: draft.name.trim() } : {}),
    ...(draft.description.trim() ? { description: draft.description.trim() } : {}),
    ...(draft.extends ? { extends: draft.extends } : {}),
    default: draft.isDefault,
    launchable: draft.isLaunchable,
    env: variablesOf(draft.env),
    headers: variablesOf(draft.headers),
    ...(draft.vars.length > 0 ? { vars: variablesOf(draft.vars) } : {}),
    secrets: filled(draft.secrets).map(({ name, from }) => ({ key: name.trim(), from: from.trim() })),
    steps: Object.fromEntries(
      draft.steps.map(({ id, env, headers, kept }) => [
        id,
        { ...kept, env: variablesOf(env), headers: variablesOf(headers) },
      ]),
    ),
  };
}

/** The secrets that are sent, in that order: the API names them by their number. */
export function filled(rows: readonly SecretRow[]): SecretRow[] {
  return rows.filter(({ name, from }) => name.trim() !== '' || from.trim() !== '');
}

function rowsOf(values: Record<string, string>): VariableRow[] {
  // The store keeps no order.
  const sorted = Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
  return sorted.map(([name, value]) => ({
    key: newRowKey(),
    name,
    value,
    ...(value.includes('\n') ? { isLong: true } : {}),
  }));
}

function variablesOf(rows: readonly VariableRow[]): Record<string, string> {
  return Object.fromEntries(
    rows.filter(({ name, value }) => name.trim() !== '' || value !== '').map(nameAndValue),
  );
}

function nameAndValue({ name, value }: VariableRow): [string, string] {
  return [name.trim(), value];
}
