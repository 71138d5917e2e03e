import { z } from 'zod';
import { auditEntry } from '../../model/audit';
import { auditChain } from '../../model/audit-chain';
import { reauthenticationRequest, reauthenticationWays } from '../../model/reauthentication';
import { tokenRequest, tokenRole, tokenRotation, tokenSummary } from '../../model/token';
import { auditExportQuery, auditQuery } from '../audit-query';
import { listOf, noContent, type Operation, pageOf } from './operation';

export const getSession = {
  method: 'GET',
  path: '/api/v1/session',
  summary: 'Get the signed-in person',
  access: 'viewer',
  answers: {
    200: {
      description: 'Their name and role.',
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
  answers: { 204: { description: 'Signed in.', headers: { 'Set-Cookie': 'The session.' } } },
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

export const getReauthenticationWays = {
  method: 'GET',
  path: '/api/v1/session/reauthentication',
  summary: 'Get how you can show again who you are',
  access: 'viewer',
  answers: { 200: { description: 'The ways that there are.', json: reauthenticationWays } },
  problems: ['conflict'],
} satisfies Operation;

export const reauthenticateSession = {
  method: 'POST',
  path: '/api/v1/session/reauthentication',
  summary: 'Show again who you are, for what needs that',
  description:
    'Requests of a session that are answered with `reauthentication_required` are taken for a while after this. With an identity provider a new sign-in does the same.',
  access: 'viewer',
  audit: { action: 'session.reauthenticate', subject: 'session' },
  body: reauthenticationRequest,
  answers: { 204: noContent },
  problems: ['conflict', 'too_many_requests'],
} satisfies Operation;

export const createSignInLink = {
  method: 'POST',
  path: '/api/v1/session/sign-in-link',
  summary: 'Create a one-time sign-in token',
  access: 'admin',
  audit: { action: 'sign_in_link.make', subject: 'session' },
  answers: {
    201: {
      description: 'The token; open `/sign-in#TOKEN` to sign in.',
      json: z.object({ token: z.string() }),
    },
  },
} satisfies Operation;

export const createStreamToken = {
  method: 'POST',
  path: '/api/v1/session/stream-token',
  summary: 'Create a short-lived stream token for `?token=`',
  access: 'viewer',
  audit: { action: 'stream_token.make', subject: 'token' },
  answers: {
    200: { description: 'The token.', json: z.object({ token: z.string(), expiresAt: z.string() }) },
  },
} satisfies Operation;

export const listTokens = {
  method: 'GET',
  path: '/api/v1/tokens',
  summary: 'List tokens, newest first',
  access: 'admin',
  answers: {
    200: { description: 'Tokens that are not revoked, without their values.', json: listOf(tokenSummary) },
  },
} satisfies Operation;

export const createToken = {
  method: 'POST',
  path: '/api/v1/tokens',
  summary: 'Create an API token',
  access: 'admin',
  audit: { action: 'token.make', subject: 'token' },
  body: tokenRequest,
  answers: {
    201: {
      description: 'The token. Its value is returned once.',
      json: tokenSummary
        .pick({ id: true, name: true, suites: true, expiresAt: true })
        .extend({ role: tokenRole, token: z.string() }),
    },
  },
} satisfies Operation;

export const rotateToken = {
  method: 'POST',
  path: '/api/v1/tokens/{id}/rotate',
  summary: 'Replace a token of an API client or of agents without downtime',
  description:
    'The new token has the same name, role, suites and lifetime, from now on. The present one stays valid for `overlapMs`, or until it expires if that is earlier. Agents go on under their names once they are started with the new one. A token that has a valid one in its place is not rotated again (409).',
  access: 'admin',
  audit: { action: 'token.rotate', subject: 'token' },
  body: tokenRotation,
  answers: {
    201: {
      description: 'The new token, whose value is returned once, and when the former one ends.',
      json: tokenSummary.pick({ id: true, name: true, role: true, suites: true, expiresAt: true }).extend({
        token: z.string(),
        formerExpiresAt: z.string(),
      }),
    },
  },
  problems: ['not_found', 'conflict'],
} satisfies Operation;

export const revokeToken = {
  method: 'DELETE',
  path: '/api/v1/tokens/{id}',
  summary: 'Revoke a token and its sessions',
  access: 'admin',
  audit: { action: 'token.revoke', subject: 'token' },
  answers: { 204: noContent },
  problems: ['not_found'],
} satisfies Operation;

export const listAuditEntries = {
  method: 'GET',
  path: '/api/v1/audit',
  summary: 'List audit entries, newest first',
  access: 'admin',
  query: auditQuery,
  answers: { 200: { description: 'One page.', json: pageOf(auditEntry) } },
} satisfies Operation;

export const exportAuditEntries = {
  method: 'GET',
  path: '/api/v1/audit/export',
  summary: 'Export audit entries as JSON lines, oldest first',
  description:
    'Each line is an entry with its `hash`: the SHA-256 of the hash before it, a line feed and the entry as JSON with sorted keys. `gantry audit verify` checks the chain.',
  access: 'admin',
  query: auditExportQuery,
  answers: {
    200: { description: 'One entry a line.', bytes: 'application/x-ndjson' },
  },
} satisfies Operation;

export const getAuditChain = {
  method: 'GET',
  path: '/api/v1/audit/chain',
  summary: 'Get where the chain of audit entries begins and ends',
  access: 'admin',
  answers: {
    200: {
      description:
        'The last entry that is gone or older than the chain, and the newest one, with their hashes.',
      json: auditChain,
    },
  },
} satisfies Operation;
