import { z } from 'zod';
import type { ErrorCode } from '../../model/errors';
import { managedProfile, profileRequest } from '../../model/managed-profile';
import { suiteProfile } from '../../model/suite';
import { suiteDetails, suiteSummary } from '../../model/suite-details';
import { ifNoneMatch, listOf, noContent, type Operation, tagged, unchanged } from './operation';

const saving: ErrorCode[] = ['suite_not_found', 'suite_invalid', 'profile_invalid', 'conflict'];
const namesSecrets = 'Only an admin may name secrets.';

export const listSuites = {
  method: 'GET',
  path: '/api/v1/suites',
  summary: 'Every suite, valid or not, with what is wrong at its line',
  access: 'viewer',
  headers: ifNoneMatch,
  answers: { 200: { what: 'All of them.', json: listOf(suiteSummary), headers: tagged }, 304: unchanged },
} satisfies Operation;

export const getSuite = {
  method: 'GET',
  path: '/api/v1/suites/{id}',
  summary: 'A suite with its topology, profiles, dependencies and files',
  access: 'viewer',
  headers: ifNoneMatch,
  answers: {
    200: { what: 'As its files are now.', json: suiteDetails, headers: tagged },
    304: unchanged,
  },
  problems: ['suite_not_found'],
} satisfies Operation;

export const listProfiles = {
  method: 'GET',
  path: '/api/v1/suites/{id}/profiles',
  summary: 'The profiles of a suite: those of its package, and those that are kept in the store',
  access: 'viewer',
  answers: {
    200: {
      what: 'All of them.',
      json: z.object({ items: z.array(suiteProfile), managed: z.array(managedProfile) }),
    },
  },
  problems: ['suite_not_found'],
} satisfies Operation;

export const makeProfile = {
  method: 'POST',
  path: '/api/v1/suites/{id}/profiles',
  summary: 'Make a profile that is kept in the store',
  description: namesSecrets,
  access: 'member',
  audit: { action: 'profile.make', subject: 'profile' },
  body: profileRequest,
  answers: {
    201: { what: 'The profile.', json: managedProfile, headers: { Location: 'The path of the profile.' } },
  },
  problems: saving,
} satisfies Operation;

export const getProfile = {
  method: 'GET',
  path: '/api/v1/suites/{id}/profiles/{profile}',
  summary: 'A profile that is kept in the store',
  access: 'viewer',
  answers: { 200: { what: 'The profile.', json: managedProfile } },
  problems: ['suite_not_found', 'not_found'],
} satisfies Operation;

export const changeProfile = {
  method: 'PUT',
  path: '/api/v1/suites/{id}/profiles/{profile}',
  summary: 'Change a profile that is kept in the store',
  description: `Takes the whole of it. ${namesSecrets}`,
  access: 'member',
  audit: { action: 'profile.change', subject: 'profile' },
  body: profileRequest,
  answers: { 200: { what: 'The profile as it is now.', json: managedProfile } },
  problems: [...saving, 'not_found'],
} satisfies Operation;

export const removeProfile = {
  method: 'DELETE',
  path: '/api/v1/suites/{id}/profiles/{profile}',
  summary: 'Remove a profile that is kept in the store',
  access: 'member',
  audit: { action: 'profile.remove', subject: 'profile' },
  answers: { 204: noContent },
  problems: ['not_found', 'conflict'],
} satisfies Operation;
