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
  resourceName,
} from '../../model/environment';
import { lateProblem } from '../progress-response';
import type { Operation } from './operation';

export const listEnvironments = {
  method: 'GET',
  path: '/api/v1/sandboxes',
  summary: 'List the environments on all backends',
  access: 'viewer',
  answers: { 200: { description: 'The current inventory, zombies first.', json: inventory } },
} satisfies Operation;

export const streamEnvironments = {
  method: 'GET',
  path: '/api/v1/sandboxes/events',
  summary: 'Stream the inventory and the usage of its containers',
  access: 'viewer',
  stream: true,
  answers: { 200: { description: 'Open until the client disconnects.', events: inventoryMessage } },
} satisfies Operation;

export const getEnvironment = {
  method: 'GET',
  path: '/api/v1/sandboxes/{id}',
  summary: 'Get an environment and every resource it has ever had',
  access: 'viewer',
  answers: { 200: { description: 'The current state.', json: environmentRecord } },
  problems: ['not_found'],
} satisfies Operation;

export const reapEnvironment = {
  method: 'POST',
  path: '/api/v1/sandboxes/{id}/reap',
  summary: 'Remove an environment',
  description:
    'Members may reap zombies and environments they launched. The removal continues if the client disconnects.',
  access: 'member',
  audit: { action: 'environment.reap', subject: 'environment' },
  body: reapRequest,
  answers: {
    200: {
      description: 'A receipt; with `Accept: text/event-stream` also each removal as it happens.',
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
      description: 'A receipt; with `Accept: text/event-stream` also each removal as it happens.',
      json: z.array(reapResult),
      events: z.union([reapProgress, lateProblem]),
    },
  },
} satisfies Operation;

export const extendEnvironment = {
  method: 'POST',
  path: '/api/v1/sandboxes/{id}/extend',
  summary: 'Extend a kept environment',
  description: 'To release it, reap it.',
  access: 'member',
  audit: { action: 'environment.extend', subject: 'environment' },
  body: extendRequest,
  answers: { 200: { description: 'The new deadline.', json: z.object({ keptUntil: z.string() }) } },
  problems: ['not_found', 'conflict'],
} satisfies Operation;

export const execInEnvironment = {
  method: 'POST',
  path: '/api/v1/sandboxes/{id}/exec',
  summary: 'Run a command in a container',
  description:
    'The command ends when the client disconnects, when the control plane stops, after ten minutes or after 2 MB of output.',
  access: 'member',
  audit: { action: 'exec.open', subject: 'environment' },
  body: execRequest,
  answers: {
    200: {
      description: 'Output and exit code; with `Accept: text/event-stream` as they happen.',
      json: z.object({ items: z.array(execProgress) }),
      events: z.union([execProgress, lateProblem]),
    },
  },
  problems: ['not_found', 'conflict', 'backend_failed', 'backend_unavailable'],
} satisfies Operation;

export const getContainerLogs = {
  method: 'GET',
  path: '/api/v1/sandboxes/{id}/logs',
  summary: 'Get the last lines of a container',
  access: 'viewer',
  query: z.strictObject({
    resource: resourceName,
    lines: z.coerce.number().int().min(1).max(10_000).default(200),
  }),
  answers: { 200: { description: 'The lines.', bytes: 'text/plain' } },
  problems: ['not_found', 'conflict', 'backend_failed'],
} satisfies Operation;
