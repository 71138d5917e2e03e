import { z } from 'zod';
import {
  agentRegistration,
  agentSummary,
  drainRequest,
  heartbeatAnswer,
  heartbeatRequest,
  registration,
} from '../../model/agent';
import { listOf, noContent, type Operation } from './operation';

const agents = listOf(agentSummary);

export const listAgents = {
  method: 'GET',
  path: '/api/v1/agents',
  summary: 'List agents with their jobs',
  access: 'viewer',
  answers: { 200: { description: 'All of them.', json: agents } },
} satisfies Operation;

export const streamAgents = {
  method: 'GET',
  path: '/api/v1/agents/events',
  summary: 'Stream all agents: the current list and every change',
  access: 'viewer',
  stream: true,
  answers: { 200: { description: 'Open until the client disconnects.', events: agents } },
} satisfies Operation;

export const registerAgent = {
  method: 'POST',
  path: '/api/v1/agents/register',
  summary: 'Register an agent',
  access: 'agent',
  audit: { action: 'agent.register', subject: 'agent' },
  body: agentRegistration,
  answers: { 200: { description: 'The registration: intervals and identity.', json: registration } },
} satisfies Operation;

export const sendHeartbeat = {
  method: 'POST',
  path: '/api/v1/agents/{id}/heartbeat',
  summary: 'Send a heartbeat',
  access: 'agent',
  audit: { action: 'agent.control', subject: 'agent', isRoutine: true },
  body: heartbeatRequest,
  answers: { 200: { description: 'Instructions for the agent.', json: heartbeatAnswer } },
  problems: ['not_found', 'conflict'],
} satisfies Operation;

export const drainAgent = {
  method: 'POST',
  path: '/api/v1/agents/{id}/drain',
  summary: 'Drain an agent, or end the drain',
  access: 'member',
  audit: { action: 'agent.drain', subject: 'agent' },
  body: drainRequest,
  answers: { 204: noContent },
  problems: ['not_found'],
} satisfies Operation;

export const deleteAgent = {
  method: 'DELETE',
  path: '/api/v1/agents/{id}',
  summary: 'Delete an agent without jobs',
  access: 'admin',
  audit: { action: 'agent.remove', subject: 'agent' },
  answers: { 204: noContent },
  problems: ['not_found', 'conflict'],
} satisfies Operation;

export const createAgentToken = {
  method: 'POST',
  path: '/api/v1/agents/tokens',
  summary: 'Create an agent token',
  access: 'admin',
  audit: { action: 'token.make', subject: 'token' },
  body: z.strictObject({ name: z.string().min(1).max(80) }),
  answers: {
    201: {
      description: 'The token. Its value is returned once.',
      json: z.object({ id: z.string(), name: z.string(), token: z.string() }),
    },
  },
} satisfies Operation;

export const revokeAgentToken = {
  method: 'DELETE',
  path: '/api/v1/agents/tokens/{token}',
  summary: 'Revoke an agent token',
  description: 'Requests of its agents are rejected from now on.',
  access: 'admin',
  audit: { action: 'token.revoke', subject: 'token' },
  answers: { 204: noContent },
  problems: ['not_found'],
} satisfies Operation;
