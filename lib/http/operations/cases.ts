import { caseMute, muteRequest } from '../../model/cases/case-record';
import { caseDetails, caseItem, executionCases } from '../../model/cases/case-views';
import { casesQuery } from '../case-queries';
import { noContent, type Operation, pageOf } from './operation';

export const listCases = {
  method: 'GET',
  path: '/api/v1/cases',
  summary: 'Test cases with the figures of their newest 100 results',
  access: 'viewer',
  query: casesQuery,
  answers: { 200: { description: 'One page.', json: pageOf(caseItem) } },
} satisfies Operation;

export const getCase = {
  method: 'GET',
  path: '/api/v1/cases/{id}',
  summary: 'A test case with its newest 100 results',
  description:
    'The first failure of the present streak with what differs from the run before it: images, package, profile. Two figures say how flaky it is: passes on a retry, and changes between passed and failed on unchanged inputs.',
  access: 'viewer',
  answers: { 200: { description: 'The current state.', json: caseDetails } },
  problems: ['case_not_found'],
} satisfies Operation;

export const muteCase = {
  method: 'PUT',
  path: '/api/v1/cases/{id}/mute',
  summary: 'Mute a test case until a time',
  description:
    'It runs, is shown and counted, and does not fail its step from the next attempt on. A step that ended with an exit code from 1 to 125 passes when its reports name failed cases and all of them are muted. Muted again, the new reason and time count.',
  access: 'member',
  audit: { action: 'case.mute', subject: 'case' },
  body: muteRequest,
  answers: { 200: { description: 'The mute.', json: caseMute } },
  problems: ['case_not_found'],
} satisfies Operation;

export const unmuteCase = {
  method: 'DELETE',
  path: '/api/v1/cases/{id}/mute',
  summary: 'Let a test case fail its runs again',
  access: 'member',
  audit: { action: 'case.unmute', subject: 'case' },
  answers: { 204: noContent },
  problems: ['case_not_found', 'not_found'],
} satisfies Operation;

export const compareExecutionCases = {
  method: 'GET',
  path: '/api/v1/executions/{id}/cases',
  summary: 'The test cases of an execution compared with earlier runs',
  description:
    'Failures that are new, failures that stay (and since when), flaky cases, cases that are fixed, and cases that are new, each compared with earlier runs of the suite under the same profile. At most 500 cases.',
  access: 'viewer',
  answers: { 200: { description: 'By what became of them.', json: executionCases } },
  problems: ['execution_not_found'],
} satisfies Operation;
