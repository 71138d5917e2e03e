import { z } from 'zod';
import { sessionSummary } from '../../model/session';
import { invitation, maxPasswordLength, userChange, userRequest, userSummary } from '../../model/user';
import { listOf, noContent, type Operation } from './operation';

const password = z.string().min(1).max(maxPasswordLength);

export const listUsers = {
  method: 'GET',
  path: '/api/v1/users',
  summary: 'List people, by name',
  access: 'admin',
  answers: { 200: { description: 'All of them.', json: listOf(userSummary) } },
} satisfies Operation;

export const createUser = {
  method: 'POST',
  path: '/api/v1/users',
  summary: 'Add a person and create an invitation',
  description:
    'The invitation lets that person choose a password, once, within a week: open `/sign-in#TOKEN`. Who signs in with an identity provider that has checked the same e-mail address needs none.',
  access: 'admin',
  audit: { action: 'user.add', subject: 'user' },
  body: userRequest,
  answers: {
    201: {
      description: 'The person, and the invitation, whose token is returned once.',
      json: z.object({ user: userSummary, invitation }),
    },
  },
  problems: ['conflict'],
} satisfies Operation;

export const updateUser = {
  method: 'PUT',
  path: '/api/v1/users/{id}',
  summary: 'Change a person: name, e-mail address, role, disabled or not',
  description:
    'What is left out stays. Disabling ends every session of the person and their streams within 5 s. Nobody can disable themselves or lower their own role.',
  access: 'admin',
  audit: { action: 'user.change', subject: 'user' },
  body: userChange,
  answers: { 200: { description: 'The person.', json: userSummary } },
  problems: ['not_found', 'conflict'],
} satisfies Operation;

export const resetUser = {
  method: 'POST',
  path: '/api/v1/users/{id}/reset',
  summary: 'Remove the password of a person, end their sessions and create an invitation',
  access: 'admin',
  audit: { action: 'user.reset', subject: 'user' },
  answers: { 201: { description: 'Its token is returned once.', json: invitation } },
  problems: ['not_found'],
} satisfies Operation;

export const endUserSessions = {
  method: 'DELETE',
  path: '/api/v1/users/{id}/sessions',
  summary: 'Sign a person out everywhere',
  access: 'admin',
  audit: { action: 'session.revoke_all', subject: 'user' },
  answers: { 200: { description: 'How many sessions have ended.', json: z.object({ ended: z.int() }) } },
  problems: ['not_found'],
} satisfies Operation;

export const listSessions = {
  method: 'GET',
  path: '/api/v1/sessions',
  summary: 'List signed-in browsers, the last used first',
  description: 'Your own; with `of=all`, which needs the role admin, those of everybody. At most 1,000.',
  access: 'viewer',
  query: z.strictObject({ of: z.enum(['me', 'all']).default('me') }),
  answers: { 200: { description: 'Sessions that are valid.', json: listOf(sessionSummary) } },
} satisfies Operation;

export const revokeSession = {
  method: 'DELETE',
  path: '/api/v1/sessions/{id}',
  summary: 'Sign one browser out: your own, or as an admin any',
  access: 'viewer',
  audit: { action: 'session.revoke', subject: 'session' },
  answers: { 204: noContent },
  problems: ['not_found'],
} satisfies Operation;

export const revokeSessions = {
  method: 'DELETE',
  path: '/api/v1/sessions',
  summary: 'Sign out everywhere, this browser included',
  access: 'viewer',
  audit: { action: 'session.revoke_all', subject: 'session' },
  answers: { 200: { description: 'How many sessions have ended.', json: z.object({ ended: z.int() }) } },
} satisfies Operation;

export const setPassword = {
  method: 'POST',
  path: '/api/v1/session/password',
  summary: 'Set your own password and sign out every other browser',
  description:
    'The current password has to be sent where there is one. At least 10 characters; the commonest are not accepted.',
  access: 'viewer',
  audit: { action: 'password.set', subject: 'user' },
  body: z.strictObject({ current: password.optional(), password }),
  answers: { 204: noContent },
  problems: ['conflict', 'too_many_requests'],
} satisfies Operation;

export const acceptInvitation = {
  method: 'POST',
  path: '/api/v1/session/invitation',
  summary: 'Choose a password with an invitation, and sign this browser in',
  access: 'public',
  audit: { action: 'session.sign_in', subject: 'session' },
  body: z.strictObject({ token: z.string().min(1).max(500), password }),
  answers: { 204: { description: 'Signed in.', headers: { 'Set-Cookie': 'The session.' } } },
  problems: ['unauthorized'],
} satisfies Operation;
