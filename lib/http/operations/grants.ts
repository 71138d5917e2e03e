import { suiteGrant, suiteGrantRequest } from '../../model/suite-grant';
import { listOf, noContent, type Operation } from './operation';

export const listGrants = {
  method: 'GET',
  path: '/api/v1/grants',
  summary: 'List who may do what with which suites',
  access: 'admin',
  answers: { 200: { description: 'All grants, by pattern.', json: listOf(suiteGrant) } },
} satisfies Operation;

export const saveGrant = {
  method: 'POST',
  path: '/api/v1/grants',
  summary: 'Grant rights to suites',
  description:
    'A suite that any grant is about is owned: admins aside, it is for those alone whom grants let, whatever their role. What the grantee was granted for the same pattern before is replaced.',
  access: 'admin',
  audit: { action: 'grant.save', subject: 'grant' },
  body: suiteGrantRequest,
  answers: { 201: { description: 'The grant.', json: suiteGrant } },
} satisfies Operation;

export const removeGrant = {
  method: 'DELETE',
  path: '/api/v1/grants/{id}',
  summary: 'Take granted rights back',
  description:
    'With the last grant about a suite, the suite is for everybody again. Open streams of those who may no longer see what they show end within 5 s.',
  access: 'admin',
  audit: { action: 'grant.remove', subject: 'grant' },
  answers: { 204: noContent },
  problems: ['not_found'],
} satisfies Operation;
