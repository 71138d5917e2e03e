import { z } from 'zod';
import {
  environmentRecord,
  execProgress,
  execRequest,
  extendRequest,
  inventory,
  inventoryMessage,
  reapAllRequest,
  reapProgress,
  reapRequest,
  reapResult,
} from '../../model/environment';
import { lateProblem } from '../progress-response';
import type { Operation } from './operation';

export const takeInventory = {
  method: 'GET',
  path: '/api/v1/sandboxes',
  summary: 'Everything that executions own on the backends',
  access: 'viewer',
  answers: { 200: { what: 'As it is now, zombies first.', json: inventory } },
} satisfies Operation;

export const followInventory = {
  method: 'GET',
  path: '/api/v1/sandboxes/events',
  summary: 'The inventory now and after every change, and what its containers use',
  access: 'viewer',
  stream: true,
  answers: { 200: { what: 'Goes on until the client leaves.', events: inventoryMessage } },
} satisfies Operation;

export const getEnvironment = {
  method: 'GET',
  path: '/api/v1/sandboxes/{id}',
  summary: 'What is there of one execution, and the rows of all it ever made',
  access: 'viewer',
  answers: { 200: { what: 'As it is now.', json: environmentRecord } },
  problems: ['not_found'],
} satisfies Operation;

export const reapEnvironment = {
  method: 'POST',
  path: '/api/v1/sandboxes/{id}/reap',
  summary: 'Remove an environment',
  description:
    'Members may reap zombies and what they launched themselves. The removal goes on when the client leaves.',
  access: 'member',
  audit: { action: 'environment.reap', subject: 'environment' },
  body: reapRequest,
  answers: {
    200: {
      what: 'What was removed and what could not be; with `Accept: text/event-stream` as it happens.',
      json: reapResult,
      events: z.union([reapProgress, lateProblem]),
    },
  },
  problems: ['not_found', 'backend_failed'],
} satisfies Operation;

export const reapAllEnvironments = {
  method: 'POST',
  path: '/api/v1/sandboxes/reap-all',
  summary: 'Remove all zombies, or everything',
  description: 'Only an admin may reap everything.',
  access: 'member',
  audit: { action: 'environment.reap_all', subject: 'environment' },
  body: reapAllRequest,
  answers: {
    200: {
      what: 'What was removed and what could not be; with `Accept: text/event-stream` as it happens.',
      json: z.array(reapResult),
      events: z.union([reapProgress, lateProblem]),
    },
  },
} satisfies Operation;

export const extendEnvironment = {
  method: 'POST',
  path: '/api/v1/sandboxes/{id}/extend',
  summary: 'Keep an environment that is kept for so long from now on',
  description: 'To release it, reap it.',
  access: 'member',
  audit: { action: 'environment.extend', subject: 'environment' },
  body: extendRequest,
  answers: { 200: { what: 'Until when it is kept.', json: z.object({ keptUntil: z.string() }) } },
  problems: ['conflict'],
} satisfies Operation;

export const execInEnvironment = {
  method: 'POST',
  path: '/api/v1/sandboxes/{id}/exec',
  summary: 'Run a command in a container',
  description:
    'It is ended when the client leaves or the control plane stops, after ten minutes, or when it has printed 2 MB.',
  access: 'member',
  audit: { action: 'exec.open', subject: 'environment' },
  body: execRequest,
  answers: {
    200: {
      what: 'What it printed and how it ended; with `Accept: text/event-stream` as it happens.',
      json: z.object({ items: z.array(execProgress) }),
      events: z.union([execProgress, lateProblem]),
    },
  },
  problems: ['not_found', 'conflict', 'backend_failed', 'backend_unavailable'],
} satisfies Operation;

export const readLastLines = {
  method: 'GET',
  path: '/api/v1/sandboxes/{id}/logs',
  summary: 'The last lines of a container, as its backend keeps them',
  access: 'viewer',
  query: z.strictObject({
    resource: z.string().min(1).max(300).describe('The name of a container.'),
    lines: z.coerce.number().int().min(1).max(10_000).default(200),
  }),
  answers: { 200: { what: 'The lines.', bytes: 'text/plain' } },
  problems: ['not_found', 'conflict', 'backend_failed'],
} satisfies Operation;
