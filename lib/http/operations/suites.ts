import { z } from 'zod';
import type { ErrorCode } from '../../model/errors';
import { managedProfile, profileRequest } from '../../model/managed-profile';
import { suiteProfile } from '../../model/suite';
import { suiteDetailsAnswer, suiteSummaryAnswer } from '../../model/suite-details';
import { ifNoneMatch, listOf, noContent, type Operation, tagged, unchanged } from './operation';

const saving: ErrorCode[] = ['suite_not_found', 'suite_invalid', 'profile_invalid', 'conflict'];
const namesSecrets = 'Only an admin may name secrets.';

export const listSuites = {
  method: 'GET',
  path: '/api/v1/suites',
  summary: 'List all suites, valid or not, with their errors',
  access: 'viewer',
  headers: ifNoneMatch,
  answers: {
    200: { description: 'All of them.', json: listOf(suiteSummaryAnswer), headers: tagged },
    304: unchanged,
  },
} satisfies Operation;

export const getSuite = {
  method: 'GET',
  path: '/api/v1/suites/{id}',
  summary: 'Get a suite with its topology, profiles, dependencies and files',
  access: 'viewer',
  headers: ifNoneMatch,
  answers: {
    200: { description: 'The suite as its files are now.', json: suiteDetailsAnswer, headers: tagged },
    304: unchanged,
  },
  problems: ['suite_not_found'],
} satisfies Operation;

export const listProfiles = {
  method: 'GET',
  path: '/api/v1/suites/{id}/profiles',
  summary: 'List the profiles of a suite, packaged and managed',
  access: 'viewer',
  answers: {
    200: {
      description: 'All of them.',
      json: z.object({ items: z.array(suiteProfile), managed: z.array(managedProfile) }),
    },
  },
  problems: ['suite_not_found'],
} satisfies Operation;

export const createProfile = {
  method: 'POST',
  path: '/api/v1/suites/{id}/profiles',
  summary: 'Create a managed profile',
  description: namesSecrets,
  access: 'member',
  audit: { action: 'profile.make', subject: 'profile' },
  body: profileRequest,
  answers: {
    201: {
      description: 'The profile.',
      json: managedProfile,
      headers: { Location: 'The path of the profile.' },
    },
  },
  problems: saving,
} satisfies Operation;

export const getProfile = {
  method: 'GET',
  path: '/api/v1/suites/{id}/profiles/{profile}',
  summary: 'Get a managed profile',
  access: 'viewer',
  answers: { 200: { description: 'The profile.', json: managedProfile } },
  problems: ['suite_not_found', 'not_found'],
} satisfies Operation;

export const updateProfile = {
  method: 'PUT',
  path: '/api/v1/suites/{id}/profiles/{profile}',
  summary: 'Update a managed profile',
  description: `Takes the whole of it. ${namesSecrets}`,
  access: 'member',
  audit: { action: 'profile.change', subject: 'profile' },
  body: profileRequest,
  answers: { 200: { description: 'The updated profile.', json: managedProfile } },
  problems: [...saving, 'not_found'],
} satisfies Operation;

export const deleteProfile = {
  method: 'DELETE',
  path: '/api/v1/suites/{id}/profiles/{profile}',
  summary: 'Delete a managed profile',
  access: 'member',
  audit: { action: 'profile.remove', subject: 'profile' },
  answers: { 204: noContent },
  problems: ['not_found', 'conflict'],
} satisfies Operation;
