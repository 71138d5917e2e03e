import { z } from 'zod';
import { artifact } from '../../model/artifact';
import type { ErrorCode } from '../../model/errors';
import { executionEvent } from '../../model/event';
import { executionSummary, explainedExecution, step } from '../../model/execution';
import { launchRequest, launchSuite, rerunRequest } from '../../model/launch';
import { logLine, unfinishedStepLine } from '../../model/log-line';
import { plan } from '../../model/plan';
import { stepSpec } from '../../model/step-spec';
import { cancelQuery, eventsQuery, listQuery, logsQuery } from '../execution-queries';
import { listOf, type Operation, pageOf, seqPageOf } from './operation';

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
  description: 'The execution, queued.',
  json: executionSummary,
  headers: { Location: 'The path of the execution.' },
};
const nothingMore = { description: 'The execution has ended and all items have been delivered.' };

export const listLaunchSuites = {
  method: 'GET',
  path: '/api/v1/executions/launch-suites',
  summary: 'List the suites that the caller may launch with their profiles and backends',
  access: 'viewer',
  answers: { 200: { description: 'All of them.', json: z.array(launchSuite) } },
} satisfies Operation;

export const previewLaunch = {
  method: 'POST',
  path: '/api/v1/executions/preview',
  summary: 'Preview the plan of a launch',
  description: 'Writes nothing.',
  access: 'viewer',
  body: launchRequest,
  answers: { 200: { description: 'The plan, in ready order.', json: plan } },
  problems: planning,
} satisfies Operation;

export const createExecution = {
  method: 'POST',
  path: '/api/v1/executions',
  summary: 'Launch a suite',
  description: 'Reports every error in the suite. Steps start after the response.',
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
  summary: 'List executions, newest first',
  access: 'viewer',
  query: listQuery,
  answers: { 200: { description: 'One page.', json: pageOf(executionSummary) } },
} satisfies Operation;

export const getExecution = {
  method: 'GET',
  path: '/api/v1/executions/{id}',
  summary: 'An execution with its steps, attempts, results and faults',
  access: 'viewer',
  answers: { 200: { description: 'The current state.', json: explainedExecution } },
  problems: ['execution_not_found'],
} satisfies Operation;

export const getStep = {
  method: 'GET',
  path: '/api/v1/executions/{id}/steps/{step}',
  takesSlashes: true,
  summary: 'Get a step with its attempts and the spec of each',
  access: 'viewer',
  answers: {
    200: {
      description: 'The current step. Secrets are masked in the specs.',
      json: z.object({ step, specs: z.array(stepSpec) }),
    },
  },
  problems: ['execution_not_found', 'step_not_found'],
} satisfies Operation;

export const cancelExecution = {
  method: 'POST',
  path: '/api/v1/executions/{id}/cancel',
  summary: 'Cancel an execution',
  description:
    'Steps marked `always` still run, unless `force` is set: it ends those too, at once and without their grace time. What is being stopped already keeps its own. Asked again, it changes nothing.',
  access: 'member',
  query: cancelQuery,
  audit: { action: 'execution.cancel', subject: 'execution' },
  answers: { 202: { description: 'Cancellation was requested.', json: executionSummary } },
  problems: ['execution_not_found', 'conflict'],
} satisfies Operation;

export const rerunExecution = {
  method: 'POST',
  path: '/api/v1/executions/{id}/rerun',
  summary: 'Rerun a finished execution, all of it or only what failed',
  access: 'member',
  audit: { action: 'execution.rerun', subject: 'execution' },
  headers: idempotencyKey,
  body: rerunRequest,
  answers: { 201: launched },
  problems: [...launching, 'execution_not_found', 'conflict'],
} satisfies Operation;

export const streamEvents = {
  method: 'GET',
  path: '/api/v1/executions/{id}/events',
  summary: 'Stream the events of an execution',
  description: 'A stream, or a page of it with `Accept: application/json`.',
  access: 'viewer',
  stream: true,
  headers: lastEventId,
  query: eventsQuery,
  answers: {
    200: {
      description: 'Events after the requested position.',
      json: seqPageOf(executionEvent),
      events: executionEvent,
    },
    204: nothingMore,
  },
  problems: ['execution_not_found'],
} satisfies Operation;

export const streamLogs = {
  method: 'GET',
  path: '/api/v1/executions/{id}/logs',
  summary: 'Stream the output of an execution',
  description:
    'A stream, a page of it with `Accept: application/json`, or what there is as a file with `Accept: text/plain`.',
  access: 'viewer',
  stream: true,
  headers: lastEventId,
  query: logsQuery,
  answers: {
    200: {
      description: 'Lines after the requested position.',
      json: seqPageOf(logLine).extend({
        row: z.int().optional().describe('With `row` or `around`: the first of these lines, from 1.'),
        total: z.int().optional().describe('With `row` or `around`: how many lines the step has.'),
        isClosed: z.boolean().optional().describe('With `row` or `around`: no line will come any more.'),
      }),
      events: z.union([logLine, z.array(logLine), z.array(unfinishedStepLine)]),
      bytes: 'text/plain',
    },
    204: nothingMore,
  },
  problems: ['execution_not_found', 'pattern_invalid', 'too_many_requests', 'overloaded'],
} satisfies Operation;

export const listArtifacts = {
  method: 'GET',
  path: '/api/v1/executions/{id}/artifacts',
  summary: 'List the artifacts of an execution',
  access: 'viewer',
  answers: { 200: { description: 'All of them.', json: listOf(artifact) } },
  problems: ['execution_not_found'],
} satisfies Operation;

export const downloadArtifact = {
  method: 'GET',
  path: '/api/v1/executions/{id}/artifacts/{artifact}',
  summary: 'Download an artifact',
  access: 'viewer',
  answers: { 200: { description: 'Its content.', bytes: 'application/octet-stream' } },
  problems: ['execution_not_found', 'artifact_not_found'],
} satisfies Operation;

export const getJunit = {
  method: 'GET',
  path: '/api/v1/executions/{id}/junit',
  summary: 'Get all test results of an execution as one JUnit file',
  description:
    'One suite for each step that reported tests, in whatever format, or that did not end well: such a step is a case of its own, a failure when it failed, an error when it errored, timed out or was cancelled, skipped when it was skipped. A run that did not pass has a failure or an error in it. Cases that failed and then passed have `flakyFailure` or `flakyError`. Properties `gantry.*` name suite, execution, step, attempt and file, and link to the execution.',
  access: 'viewer',
  answers: {
    200: {
      description: 'One `testsuites`, without any suite where the run passed and nothing was reported.',
      bytes: 'application/xml',
    },
  },
  problems: ['execution_not_found'],
} satisfies Operation;
