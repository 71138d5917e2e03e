'use client';

import { useMutation } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { ConfirmDialog } from '@/app/_components/confirm-dialog';
import { count } from '@/app/_components/quantities';
import type { ManagedProfile } from '@/lib/model/managed-profile';
import type { SuiteDetails } from '@/lib/model/suite-details';

interface DeleteProfileProps {
  suite: SuiteDetails;
  profile: ManagedProfile;
  onDone: () => void;
  onClose: () => void;
}

/** Names what goes, and what then stands in its place. */
export function DeleteProfile({ suite, profile, onDone, onClose }: DeleteProfileProps) {
  const path = `/api/v1/suites/${encodeURIComponent(suite.id)}/profiles/${encodeURIComponent(profile.name)}`;
  const remove = useMutation({ mutationFn: () => apiFetch(path, { method: 'DELETE' }), onSuccess: onDone });
  const users = suite.managedProfiles.filter((each) => each.extends === profile.name);
  const names = users.map(({ name }) => name).join(', ');
  return (
    <ConfirmDialog
      title={`Delete the profile ${profile.name} of ${suite.title}?`}
      means={
        users.length > 0
          ? `${names} ${users.length === 1 ? 'extends' : 'extend'} it: change or delete ${users.length === 1 ? 'that' : 'those'} first.`
          : `${whatGoes(profile)} ${profile.default ? 'It is what is launched when no profile is chosen: the default of the package is that again. ' : ''}Executions that ran under it keep what they ran with. This cannot be undone.`
      }
      action="Delete"
      cancelLabel="Keep it"
      isDisabled={users.length > 0 || remove.isPending}
      refusal={remove.error && { title: 'It was not deleted.', message: remove.error.message }}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}

function whatGoes({ env, headers, secrets, steps }: ManagedProfile): string {
  const layers = Object.values(steps);
  const variables = [env, ...layers.map((layer) => layer.env)].flatMap(Object.keys);
  const all = [headers, ...layers.map((layer) => layer.headers)].flatMap(Object.keys);
  const parts = [
    variables.length > 0 ? named(variables, 'variable') : null,
    all.length > 0 ? named(all, 'header') : null,
    secrets.length > 0
      ? named(
          secrets.map(({ key }) => key),
          'reference to a secret',
          'references to secrets',
        )
      : null,
  ].filter(Boolean);
  return parts.length > 0 ? `With it go ${parts.join(', ')}.` : 'It says nothing of its own.';
}

const maxNamed = 5;

function named(names: readonly string[], noun: string, nouns?: string): string {
  const number = nouns && names.length !== 1 ? `${names.length} ${nouns}` : count(names.length, noun);
  const more = names.length > maxNamed ? ', …' : '';
  return `${number} (${names.slice(0, maxNamed).join(', ')}${more})`;
}
