import { z } from 'zod';
import { backendOption, overview } from '../../model/launch';
import { platformSettings } from '../../model/platform-settings';
import { registryCheck, registryLogin } from '../../model/registry-login';
import { checkNames, readiness } from '../readiness';
import { listOf, type Operation } from './operation';

export const getOverview = {
  method: 'GET',
  path: '/api/v1/engine/overview',
  summary:
    'The newest executions that run, the next in the queue and the newest that have ended, with counts',
  access: 'viewer',
  answers: { 200: { description: 'The current state.', json: overview } },
} satisfies Operation;

export const streamOverview = {
  method: 'GET',
  path: '/api/v1/engine/overview/stream',
  summary: 'Stream the overview: the current one and every change, at most about 20 kB a second',
  access: 'viewer',
  stream: true,
  answers: { 200: { description: 'Open until the client disconnects.', events: overview } },
} satisfies Operation;

export const listBackends = {
  method: 'GET',
  path: '/api/v1/backends',
  summary: 'List backends with their availability',
  access: 'viewer',
  answers: { 200: { description: 'All of them.', json: listOf(backendOption) } },
} satisfies Operation;

export const getPlatformSettings = {
  method: 'GET',
  path: '/api/v1/platform-settings',
  summary: 'Get the platform settings',
  access: 'admin',
  answers: {
    200: {
      description: 'Kubeconfigs and passwords are write-only and returned as `***`.',
      json: platformSettings,
    },
  },
} satisfies Operation;

export const updatePlatformSettings = {
  method: 'PUT',
  path: '/api/v1/platform-settings',
  summary: 'Replace the platform settings',
  description:
    'The body replaces all settings. A kubeconfig or password sent as `***` is kept, and so are all registries when `registries` is absent.',
  access: 'admin',
  audit: { action: 'settings.change', subject: 'settings' },
  body: platformSettings,
  maxBodyBytes: 4_000_000,
  answers: { 200: { description: 'The current state.', json: platformSettings } },
} satisfies Operation;

export const testRegistryLogin = {
  method: 'POST',
  path: '/api/v1/platform-settings/registries/test',
  summary: 'Test a login for a registry',
  description:
    'Asks the registry and stores nothing. With the password `***` the saved one for the host is tested. The registry is asked by the control plane: from agents and clusters it may look different.',
  access: 'admin',
  audit: { action: 'registry.test', subject: 'settings' },
  body: registryLogin,
  answers: { 200: { description: 'What the registry said.', json: registryCheck } },
} satisfies Operation;

const ready = {
  200: { description: 'No check failed.', json: readiness },
  503: { description: 'A check failed.', json: readiness },
};

export const getHealth = {
  method: 'GET',
  path: '/api/v1/system/healthz',
  summary: 'Get the liveness of the server',
  description: 'Also at `/healthz`.',
  access: 'public',
  answers: { 200: { description: 'The server answers.', json: z.object({ status: z.literal('ok') }) } },
} satisfies Operation;

export const getReadiness = {
  method: 'GET',
  path: '/api/v1/system/readyz',
  summary: 'Get the readiness of all checks',
  description: 'Also at `/readyz`.',
  access: 'public',
  answers: ready,
} satisfies Operation;

export const getReadinessCheck = {
  method: 'GET',
  path: '/api/v1/system/readyz/{check}',
  summary: 'Get the readiness of one check',
  description: `Also at \`/readyz/{check}\`. The checks are ${checkNames.join(', ')}.`,
  access: 'public',
  answers: ready,
  problems: ['not_found'],
} satisfies Operation;

export const downloadPackage = {
  method: 'GET',
  path: '/api/v1/packages/{digest}',
  summary: 'Download a package with a package token',
  access: 'public',
  takesPackageToken: true,
  answers: { 200: { description: 'A tar stream.', bytes: 'application/x-tar' } },
  problems: ['unauthorized', 'not_found'],
} satisfies Operation;

export const getOpenApi = {
  method: 'GET',
  path: '/api/v1/openapi.json',
  summary: 'This document',
  access: 'public',
  answers: { 200: { description: 'OpenAPI 3.1.', json: z.looseObject({ openapi: z.string() }) } },
} satisfies Operation;
