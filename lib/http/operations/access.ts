import { z } from 'zod';
import { auditEntry } from '../../model/audit';
import { tokenRequest, tokenSummary } from '../../model/token';
import { auditQuery } from '../audit-query';
import { listOf, noContent, type Operation, pageOf } from './operation';

export const getSession = {
  method: 'GET',
  path: '/api/v1/session',
  summary: 'Who asks',
  access: 'viewer',
  answers: {
    200: {
      what: 'Their name and role.',
      json: z.object({ name: z.string(), role: z.enum(['viewer', 'member', 'admin']) }),
    },
  },
} satisfies Operation;

export const signIn = {
  method: 'POST',
  path: '/api/v1/session',
  summary: 'Sign a browser in, with a one-time sign-in token or an API token',
  access: 'public',
  audit: { action: 'session.sign_in', subject: 'session' },
  body: z.strictObject({ token: z.string().min(1).max(500) }),
  answers: { 204: { what: 'Signed in.', headers: { 'Set-Cookie': 'The session.' } } },
  problems: ['unauthorized'],
} satisfies Operation;

export const signOut = {
  method: 'DELETE',
  path: '/api/v1/session',
  summary: 'Sign this browser out',
  access: 'viewer',
  audit: { action: 'session.sign_out', subject: 'session' },
  answers: { 204: noContent },
  problems: ['conflict'],
} satisfies Operation;

export const makeSignInLink = {
  method: 'POST',
  path: '/api/v1/session/sign-in-link',
  summary: 'Make a one-time sign-in token',
  access: 'admin',
  audit: { action: 'sign_in_link.make', subject: 'session' },
  answers: {
    201: { what: 'To be opened as `/sign-in#TOKEN`.', json: z.object({ token: z.string() }) },
  },
} satisfies Operation;

export const makeStreamToken = {
  method: 'POST',
  path: '/api/v1/session/stream-token',
  summary: 'Make a short-lived token for `?token=` on the streams',
  access: 'viewer',
  answers: {
    200: { what: 'The token.', json: z.object({ token: z.string(), expiresAt: z.string() }) },
  },
} satisfies Operation;

export const listTokens = {
  method: 'GET',
  path: '/api/v1/tokens',
  summary: 'Tokens of people, programs and agents, newest first',
  access: 'admin',
  answers: { 200: { what: 'Those that are not revoked, without their text.', json: listOf(tokenSummary) } },
} satisfies Operation;

export const makeToken = {
  method: 'POST',
  path: '/api/v1/tokens',
  summary: 'Make an API token',
  access: 'admin',
  audit: { action: 'token.make', subject: 'token' },
  body: tokenRequest,
  answers: {
    201: {
      what: 'The token. Its text is in this answer and nowhere else.',
      json: tokenSummary
        .pick({ id: true, name: true, expiresAt: true })
        .extend({ role: tokenRequest.shape.role, token: z.string() }),
    },
  },
} satisfies Operation;

export const revokeToken = {
  method: 'DELETE',
  path: '/api/v1/tokens/{id}',
  summary: 'Revoke a token, and the sessions that were begun with it',
  access: 'admin',
  audit: { action: 'token.revoke', subject: 'token' },
  answers: { 204: noContent },
  problems: ['not_found'],
} satisfies Operation;

export const listAuditEntries = {
  method: 'GET',
  path: '/api/v1/audit',
  summary: 'Who did what, newest first',
  access: 'admin',
  query: auditQuery,
  answers: { 200: { what: 'One page.', json: pageOf(auditEntry) } },
} satisfies Operation;
