import { z } from 'zod';
import { backendOption, overview } from '../../model/launch';
import { platformSettings } from '../../model/platform-settings';
import { checkNames, readiness } from '../readiness';
import { listOf, type Operation } from './operation';

export const getOverview = {
  method: 'GET',
  path: '/api/v1/engine/overview',
  summary: 'Executions that are active, and the newest that have ended',
  access: 'viewer',
  answers: { 200: { what: 'As it is now.', json: overview } },
} satisfies Operation;

export const followOverview = {
  method: 'GET',
  path: '/api/v1/engine/overview/stream',
  summary: 'The whole overview now and after every change',
  access: 'viewer',
  stream: true,
  answers: { 200: { what: 'Goes on until the client leaves.', events: overview } },
} satisfies Operation;

export const listBackends = {
  method: 'GET',
  path: '/api/v1/backends',
  summary: 'Where executions can run now, each with the reason when they cannot',
  access: 'viewer',
  answers: { 200: { what: 'All of them.', json: listOf(backendOption) } },
} satisfies Operation;

export const getPlatformSettings = {
  method: 'GET',
  path: '/api/v1/platform-settings',
  summary: 'What the operator has set',
  access: 'admin',
  answers: {
    200: { what: 'A kubeconfig is never shown again: `***` stands for it.', json: platformSettings },
  },
} satisfies Operation;

export const changePlatformSettings = {
  method: 'PUT',
  path: '/api/v1/platform-settings',
  summary: 'Change what the operator has set',
  description: 'Takes the whole of it. A kubeconfig that comes as it was shown stays as it is.',
  access: 'admin',
  audit: { action: 'settings.change', subject: 'settings' },
  body: platformSettings,
  maxBodyBytes: 4_000_000,
  answers: { 200: { what: 'As it is now.', json: platformSettings } },
} satisfies Operation;

const ready = {
  200: { what: 'No check failed.', json: readiness },
  503: { what: 'A check failed.', json: readiness },
};

export const getHealth = {
  method: 'GET',
  path: '/api/v1/system/healthz',
  summary: 'Whether the server answers',
  description: 'Also at `/healthz`.',
  access: 'public',
  answers: { 200: { what: 'It does.', json: z.object({ status: z.literal('ok') }) } },
} satisfies Operation;

export const getReadiness = {
  method: 'GET',
  path: '/api/v1/system/readyz',
  summary: 'Whether Gantry can do its work',
  description: 'Also at `/readyz`.',
  access: 'public',
  answers: ready,
} satisfies Operation;

export const getReadinessOf = {
  method: 'GET',
  path: '/api/v1/system/readyz/{check}',
  summary: 'One check of whether Gantry can do its work',
  description: `Also at \`/readyz/{check}\`. The checks are ${checkNames.join(', ')}.`,
  access: 'public',
  answers: ready,
  problems: ['not_found'],
} satisfies Operation;

export const downloadPackage = {
  method: 'GET',
  path: '/api/v1/packages/{digest}',
  summary: 'The files of a suite, for a pod that was given a token for this one download',
  access: 'public',
  takesPackageToken: true,
  answers: { 200: { what: 'A tar stream.', bytes: 'application/x-tar' } },
  problems: ['unauthorized', 'not_found'],
} satisfies Operation;

export const getOpenApi = {
  method: 'GET',
  path: '/api/v1/openapi.json',
  summary: 'This document',
  access: 'public',
  answers: { 200: { what: 'OpenAPI 3.1.', json: z.looseObject({ openapi: z.string() }) } },
} satisfies Operation;
