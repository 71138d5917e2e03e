import { z } from 'zod';
import type { ErrorCode } from '../../model/errors';
import {
  artifactQuery,
  claimRequest,
  completeRequest,
  job,
  leaseAnswer,
  leaseRequest,
  linesAnswer,
  logsRequest,
  stateRequest,
} from '../../model/job';
import type { AuditedAct } from '../audit-trail';
import type { Operation } from './operation';

const ofJob = { action: 'agent.control', subject: 'job', isRoutine: true } satisfies AuditedAct;
const notHeld: ErrorCode[] = ['not_found', 'stale_fence'];
const leaseToken = { 'X-Gantry-Lease-Token': 'The lease token of the job, where the claim gave one.' };
const longestBytes = 8 * 1024 * 1024;

export const claimJob = {
  method: 'POST',
  path: '/api/v1/agent-control/claims/next',
  summary: 'Wait for work',
  description: 'Sent again with the same `claimId`, it gets the same job.',
  access: 'agent',
  // To claim looks at it again.
  tokenMaxAgeMs: 1_000,
  audit: { action: 'agent.control', subject: 'agent', isRoutine: true },
  body: claimRequest,
  answers: {
    200: { what: 'A job.', json: z.object({ job }) },
    204: { what: 'None came within `waitMs`, or 10 s without it.' },
  },
  problems: ['conflict'],
} satisfies Operation;

export const renewLease = {
  method: 'POST',
  path: '/api/v1/agent-control/jobs/{id}/lease',
  summary: 'Keep a job, and hear what is wanted of it',
  description:
    'With `waitMs` the answer is kept until something else than `run` is wanted, or the time is over.',
  access: 'agent',
  audit: ofJob,
  body: leaseRequest,
  answers: { 200: { what: 'The lease is as long as when it was new.', json: leaseAnswer } },
  problems: notHeld,
} satisfies Operation;

export const reportState = {
  method: 'POST',
  path: '/api/v1/agent-control/jobs/{id}/state',
  summary: 'Say what a step is doing',
  access: 'agent',
  audit: ofJob,
  body: stateRequest,
  answers: { 200: { what: 'It is stored.', json: stateRequest.pick({ state: true }) } },
  problems: notHeld,
} satisfies Operation;

export const sendLines = {
  method: 'POST',
  path: '/api/v1/agent-control/jobs/{id}/logs',
  summary: 'Send what a step printed',
  description: 'Sent again, no line is doubled. Lines behind a gap are not taken.',
  access: 'agent',
  audit: ofJob,
  body: logsRequest,
  maxBodyBytes: longestBytes,
  answers: { 200: { what: 'The newest line that is stored.', json: linesAnswer } },
  problems: notHeld,
} satisfies Operation;

export const sendArtifact = {
  method: 'POST',
  path: '/api/v1/agent-control/jobs/{id}/artifacts',
  summary: 'Send a file that a step exported',
  access: 'agent',
  audit: ofJob,
  headers: leaseToken,
  query: artifactQuery,
  takesBytes: true,
  answers: { 201: { what: 'It is stored.', json: z.object({ path: z.string(), sha256: z.string() }) } },
  problems: [...notHeld, 'payload_too_large'],
} satisfies Operation;

export const readPackage = {
  method: 'GET',
  path: '/api/v1/agent-control/jobs/{id}/package',
  summary: "The files of the step's suite",
  access: 'agent',
  audit: ofJob,
  headers: leaseToken,
  query: z.object({ agentId: z.string().max(64) }),
  answers: {
    200: {
      what: 'A tar stream.',
      bytes: 'application/x-tar',
      headers: {
        'X-Gantry-Package': 'The digest of the package.',
        'X-Gantry-Sha256': 'The sha256 of the stream, in hex.',
      },
    },
  },
  problems: notHeld,
} satisfies Operation;

export const completeJob = {
  method: 'POST',
  path: '/api/v1/agent-control/jobs/{id}/complete',
  summary: 'Say how a job ended',
  description: 'Once: the same again is answered as the first time, another end is refused.',
  access: 'agent',
  audit: ofJob,
  body: completeRequest,
  maxBodyBytes: longestBytes,
  answers: { 200: { what: 'It is stored.', json: z.object({ id: z.string(), state: z.literal('done') }) } },
  problems: [...notHeld, 'conflict'],
} satisfies Operation;
