import { z } from 'zod';
import type { ErrorCode } from '../../model/errors';
import {
  artifactQuery,
  artifactsRequest,
  claimRequest,
  completeRequest,
  job,
  leaseAnswer,
  leaseRequest,
  linesAnswer,
  logsRequest,
  registryLoginRequest,
  stateRequest,
} from '../../model/job';
import { registryLogin } from '../../model/registry-login';
import type { AuditedAct } from '../audit-trail';
import type { Operation } from './operation';

const ofJob = { action: 'agent.control', subject: 'job', isRoutine: true } satisfies AuditedAct;
const notHeld: ErrorCode[] = ['not_found', 'stale_fence'];
const leaseToken = { 'X-Gantry-Lease-Token': 'The lease token of the job, where the claim gave one.' };
const maxBytes = 8 * 1024 * 1024;

export const claimJob = {
  method: 'POST',
  path: '/api/v1/agent-control/claims/next',
  summary: 'Claim the next job',
  description: 'A repeated request with the same `claimId` returns the same job.',
  access: 'agent',
  // To claim looks at it again.
  tokenMaxAgeMs: 1_000,
  audit: { action: 'agent.control', subject: 'agent', isRoutine: true },
  body: claimRequest,
  answers: {
    200: { description: 'A job.', json: z.object({ job }) },
    204: { description: 'No job arrived within `waitMs` (default 10 s).' },
  },
  problems: ['conflict'],
} satisfies Operation;

export const renewLease = {
  method: 'POST',
  path: '/api/v1/agent-control/jobs/{id}/lease',
  summary: 'Renew the lease of a job and get its desired state',
  description:
    'With `waitMs` the answer is kept until something else than `run` is wanted, or the time is over.',
  access: 'agent',
  audit: ofJob,
  body: leaseRequest,
  answers: { 200: { description: 'The renewed lease, with its full length.', json: leaseAnswer } },
  problems: notHeld,
} satisfies Operation;

export const reportState = {
  method: 'POST',
  path: '/api/v1/agent-control/jobs/{id}/state',
  summary: 'Report the state of a step',
  access: 'agent',
  audit: ofJob,
  body: stateRequest,
  answers: { 200: { description: 'Stored.', json: stateRequest.pick({ state: true }) } },
  problems: notHeld,
} satisfies Operation;

export const sendLogs = {
  method: 'POST',
  path: '/api/v1/agent-control/jobs/{id}/logs',
  summary: 'Send log lines of a step',
  description: 'Repeated lines are ignored. Lines after a gap are not stored.',
  access: 'agent',
  audit: ofJob,
  body: logsRequest,
  maxBodyBytes: maxBytes,
  answers: { 200: { description: 'The newest stored line.', json: linesAnswer } },
  problems: notHeld,
} satisfies Operation;

export const sendArtifact = {
  method: 'POST',
  path: '/api/v1/agent-control/jobs/{id}/artifacts',
  summary: 'Upload an artifact',
  access: 'agent',
  audit: ofJob,
  headers: leaseToken,
  query: artifactQuery,
  takesBytes: true,
  answers: { 201: { description: 'Stored.', json: z.object({ path: z.string(), sha256: z.string() }) } },
  problems: [...notHeld, 'payload_too_large'],
} satisfies Operation;

export const sendArtifacts = {
  method: 'POST',
  path: '/api/v1/agent-control/jobs/{id}/artifacts/batch',
  summary: 'Upload small artifacts at once',
  description: 'All of them are stored, or none.',
  access: 'agent',
  audit: ofJob,
  body: artifactsRequest,
  maxBodyBytes: maxBytes,
  answers: { 201: { description: 'Stored.', json: z.object({ stored: z.int() }) } },
  problems: [...notHeld, 'payload_too_large'],
} satisfies Operation;

export const getPackage = {
  method: 'GET',
  path: '/api/v1/agent-control/jobs/{id}/package',
  summary: "The files of the step's suite",
  access: 'agent',
  audit: ofJob,
  headers: leaseToken,
  query: z.object({ agentId: z.string().max(64) }),
  answers: {
    200: {
      description: 'A tar stream.',
      bytes: 'application/x-tar',
      headers: {
        'X-Gantry-Package': 'The digest of the package.',
        'X-Gantry-Sha256': 'The sha256 of the stream, in hex.',
      },
    },
  },
  problems: notHeld,
} satisfies Operation;

export const getInput = {
  method: 'GET',
  path: '/api/v1/agent-control/jobs/{id}/inputs/{artifact}',
  summary: 'An artifact of an earlier step that the step gets',
  access: 'agent',
  audit: ofJob,
  headers: leaseToken,
  query: z.object({ agentId: z.string().max(64) }),
  answers: { 200: { description: 'The content.', bytes: 'application/octet-stream' } },
  problems: [...notHeld, 'artifact_not_found'],
} satisfies Operation;

export const getRegistryLogin = {
  method: 'POST',
  path: '/api/v1/agent-control/jobs/{id}/registry-login',
  summary: "The platform's login for the registry that the step's image comes from",
  description: 'For one pull: an agent keeps it no longer.',
  access: 'agent',
  audit: ofJob,
  body: registryLoginRequest,
  answers: {
    200: {
      description: 'Null when the platform has none for it.',
      json: z.object({ login: registryLogin.nullable() }),
    },
  },
  problems: notHeld,
} satisfies Operation;

export const completeJob = {
  method: 'POST',
  path: '/api/v1/agent-control/jobs/{id}/complete',
  summary: 'Complete a job',
  description: 'Idempotent; a different result is rejected.',
  access: 'agent',
  audit: ofJob,
  body: completeRequest,
  maxBodyBytes: maxBytes,
  answers: { 200: { description: 'Stored.', json: z.object({ id: z.string(), state: z.literal('done') }) } },
  problems: [...notHeld, 'conflict'],
} satisfies Operation;
