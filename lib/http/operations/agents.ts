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
  summary: 'Remote agents, with what each of them holds',
  access: 'viewer',
  answers: { 200: { what: 'All of them.', json: agents } },
} satisfies Operation;

export const followAgents = {
  method: 'GET',
  path: '/api/v1/agents/events',
  summary: 'All agents now and after every change',
  access: 'viewer',
  stream: true,
  answers: { 200: { what: 'Goes on until the client leaves.', events: agents } },
} satisfies Operation;

export const registerAgent = {
  method: 'POST',
  path: '/api/v1/agents/register',
  summary: 'Say that an agent is there, and what it can do',
  access: 'agent',
  audit: { action: 'agent.register', subject: 'agent' },
  body: agentRegistration,
  answers: { 200: { what: 'How it is to behave.', json: registration } },
} satisfies Operation;

export const beatHeart = {
  method: 'POST',
  path: '/api/v1/agents/{id}/heartbeat',
  summary: 'Say that an agent is still there, and how it is',
  access: 'agent',
  audit: { action: 'agent.control', subject: 'agent', isRoutine: true },
  body: heartbeatRequest,
  answers: { 200: { what: 'What is wanted of it.', json: heartbeatAnswer } },
  problems: ['not_found', 'conflict'],
} satisfies Operation;

export const drainAgent = {
  method: 'POST',
  path: '/api/v1/agents/{id}/drain',
  summary: 'Let an agent begin no new execution, or end that',
  access: 'member',
  audit: { action: 'agent.drain', subject: 'agent' },
  body: drainRequest,
  answers: { 204: noContent },
  problems: ['not_found'],
} satisfies Operation;

export const removeAgent = {
  method: 'DELETE',
  path: '/api/v1/agents/{id}',
  summary: 'Forget an agent that holds nothing',
  access: 'admin',
  audit: { action: 'agent.remove', subject: 'agent' },
  answers: { 204: noContent },
  problems: ['not_found', 'conflict'],
} satisfies Operation;

export const makeAgentToken = {
  method: 'POST',
  path: '/api/v1/agents/tokens',
  summary: 'Make a token for agents',
  access: 'admin',
  audit: { action: 'token.make', subject: 'token' },
  body: z.strictObject({ name: z.string().min(1).max(80) }),
  answers: {
    201: {
      what: 'The token. Its text is in this answer and nowhere else.',
      json: z.object({ id: z.string(), name: z.string(), token: z.string() }),
    },
  },
} satisfies Operation;

export const revokeAgentToken = {
  method: 'DELETE',
  path: '/api/v1/agents/tokens/{token}',
  summary: 'Revoke a token of agents, by its id',
  description: 'Its agents can do nothing from now on.',
  access: 'admin',
  audit: { action: 'token.revoke', subject: 'token' },
  answers: { 204: noContent },
  problems: ['not_found'],
} satisfies Operation;
