import { z } from 'zod';
import { artifact } from '../../model/artifact';
import type { ErrorCode } from '../../model/errors';
import { executionEvent } from '../../model/event';
import { execution, executionSummary, step } from '../../model/execution';
import { launchRequest, launchSuite, rerunRequest } from '../../model/launch';
import { logLine } from '../../model/log-line';
import { plan } from '../../model/plan';
import { stepSpec } from '../../model/step-spec';
import { eventsQuery, listQuery, logsQuery } from '../execution-queries';
import { listOf, type Operation, pageOf, stretchOf } from './operation';

const planning: ErrorCode[] = [
  'suite_not_found',
  'suite_invalid',
  'dependency_invalid',
  'dependency_unavailable',
  'profile_not_found',
  'plan_invalid',
  'secret_missing',
  'secret_unavailable',
];
const launching: ErrorCode[] = [
  ...planning,
  'backend_not_found',
  'backend_unavailable',
  'idempotency_conflict',
];
const idempotencyKey = {
  'Idempotency-Key':
    'Of 1 to 200 characters. The same request sent again with the same key is answered with the first execution; another request with it is refused.',
};
const lastEventId = {
  'Last-Event-ID':
    'The id of the last item that was seen: the stream goes on after it. It counts before `after`.',
};
const launched = {
  what: 'The execution, queued.',
  json: executionSummary,
  headers: { Location: 'The path of the execution.' },
};
const nothingMore = { what: 'There is nothing more: the execution has ended, and everything was seen.' };

export const listLaunchSuites = {
  method: 'GET',
  path: '/api/v1/executions/launch-suites',
  summary: 'Suites that can be launched, each with its profiles and backends',
  access: 'viewer',
  answers: { 200: { what: 'All of them.', json: z.array(launchSuite) } },
} satisfies Operation;

export const previewLaunch = {
  method: 'POST',
  path: '/api/v1/executions/preview',
  summary: 'The plan that a launch would run',
  description: 'Writes nothing.',
  access: 'viewer',
  body: launchRequest,
  answers: { 200: { what: 'The plan, in ready order.', json: plan } },
  problems: planning,
} satisfies Operation;

export const launchExecution = {
  method: 'POST',
  path: '/api/v1/executions',
  summary: 'Launch a suite',
  description: 'Everything that is wrong with the suite is said now. Nothing runs yet when this is answered.',
  access: 'member',
  audit: { action: 'execution.launch', subject: 'execution' },
  headers: idempotencyKey,
  body: launchRequest,
  answers: { 201: launched },
  problems: launching,
} satisfies Operation;

export const listExecutions = {
  method: 'GET',
  path: '/api/v1/executions',
  summary: 'Executions, newest first',
  access: 'viewer',
  query: listQuery,
  answers: { 200: { what: 'One page.', json: pageOf(executionSummary) } },
} satisfies Operation;

export const getExecution = {
  method: 'GET',
  path: '/api/v1/executions/{id}',
  summary: 'An execution with its steps, attempts and results',
  access: 'viewer',
  answers: { 200: { what: 'As it stands now.', json: execution } },
  problems: ['execution_not_found'],
} satisfies Operation;

export const getStep = {
  method: 'GET',
  path: '/api/v1/executions/{id}/steps/{step}',
  takesSlashes: true,
  summary: 'A step with its attempts, and what was dispatched for each of them',
  access: 'viewer',
  answers: {
    200: {
      what: 'The step as it stands now. Secrets are masked in the specs.',
      json: z.object({ step, specs: z.array(stepSpec) }),
    },
  },
  problems: ['execution_not_found', 'step_not_found'],
} satisfies Operation;

export const cancelExecution = {
  method: 'POST',
  path: '/api/v1/executions/{id}/cancel',
  summary: 'Ask for the end of an execution',
  description: 'Asked again, it changes nothing.',
  access: 'member',
  audit: { action: 'execution.cancel', subject: 'execution' },
  answers: { 202: { what: 'It was asked for.', json: executionSummary } },
  problems: ['execution_not_found', 'conflict'],
} satisfies Operation;

export const rerunExecution = {
  method: 'POST',
  path: '/api/v1/executions/{id}/rerun',
  summary: 'Run an ended execution again, all of it or what failed',
  access: 'member',
  audit: { action: 'execution.rerun', subject: 'execution' },
  headers: idempotencyKey,
  body: rerunRequest,
  answers: { 201: launched },
  problems: [...launching, 'execution_not_found', 'conflict'],
} satisfies Operation;

export const readEvents = {
  method: 'GET',
  path: '/api/v1/executions/{id}/events',
  summary: 'The history of an execution, and what comes',
  description: 'A stream, or a page of it with `Accept: application/json`.',
  access: 'viewer',
  stream: true,
  headers: lastEventId,
  query: eventsQuery,
  answers: {
    200: {
      what: 'Events after the place that was asked for.',
      json: stretchOf(executionEvent),
      events: executionEvent,
    },
    204: nothingMore,
  },
  problems: ['execution_not_found'],
} satisfies Operation;

export const readLogs = {
  method: 'GET',
  path: '/api/v1/executions/{id}/logs',
  summary: 'The output of an execution, and what comes',
  description:
    'A stream, a page of it with `Accept: application/json`, or what there is as a file with `Accept: text/plain`.',
  access: 'viewer',
  stream: true,
  headers: lastEventId,
  query: logsQuery,
  answers: {
    200: {
      what: 'Lines after the place that was asked for.',
      json: stretchOf(logLine),
      events: z.union([logLine, z.array(logLine)]),
      bytes: 'text/plain',
    },
    204: nothingMore,
  },
  problems: ['execution_not_found'],
} satisfies Operation;

export const listArtifacts = {
  method: 'GET',
  path: '/api/v1/executions/{id}/artifacts',
  summary: 'The files that the steps of an execution exported',
  access: 'viewer',
  answers: { 200: { what: 'All of them.', json: listOf(artifact) } },
  problems: ['execution_not_found'],
} satisfies Operation;

export const downloadArtifact = {
  method: 'GET',
  path: '/api/v1/executions/{id}/artifacts/{artifact}',
  summary: 'Download a file that a step exported',
  access: 'viewer',
  answers: { 200: { what: 'Its content.', bytes: 'application/octet-stream' } },
  problems: ['artifact_not_found'],
} satisfies Operation;

export const getJunit = {
  method: 'GET',
  path: '/api/v1/executions/{id}/junit',
  summary: 'All JUnit results of an execution as one file',
  description:
    "What each step's last attempt reported, as its files say it, with the step before the name of each suite. Properties `gantry.*` say which step, attempt and file a suite is from, and which cases are flaky: they failed in an earlier attempt.",
  access: 'viewer',
  answers: {
    200: {
      what: 'One `testsuites`, without any suite where nothing was reported.',
      bytes: 'application/xml',
    },
  },
  problems: ['execution_not_found'],
} satisfies Operation;
