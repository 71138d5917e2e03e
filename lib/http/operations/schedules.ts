import { z } from 'zod';
import { scheduleAnswer, scheduleChange, scheduleFiring, scheduleRequest } from '../../model/schedule';
import { pageLimit } from '../execution-queries';
import { listOf, noContent, type Operation } from './operation';

export const listSchedules = {
  method: 'GET',
  path: '/api/v1/schedules',
  summary: 'List schedules by name, with their next times and last firing',
  access: 'viewer',
  answers: { 200: { description: 'All of them.', json: listOf(scheduleAnswer) } },
} satisfies Operation;

export const createSchedule = {
  method: 'POST',
  path: '/api/v1/schedules',
  summary: 'Create a schedule',
  description:
    'Each launch needs the right of whoever saved the schedule last to launch its suite. Without it a planned time fails, and its firing says why.',
  access: 'member',
  audit: { action: 'schedule.make', subject: 'schedule' },
  body: scheduleRequest,
  answers: {
    201: {
      description: 'The schedule.',
      json: scheduleAnswer,
      headers: { Location: 'The path of the schedule.' },
    },
  },
  problems: ['suite_not_found'],
} satisfies Operation;

export const getSchedule = {
  method: 'GET',
  path: '/api/v1/schedules/{id}',
  summary: 'Get a schedule',
  access: 'viewer',
  answers: { 200: { description: 'The schedule.', json: scheduleAnswer } },
  problems: ['not_found'],
} satisfies Operation;

export const updateSchedule = {
  method: 'PUT',
  path: '/api/v1/schedules/{id}',
  summary: 'Update a schedule',
  description:
    'Takes the whole of it. The next time is reckoned from now on. Of a schedule that the file of its suite declares, only `enabled` can be changed.',
  access: 'member',
  audit: { action: 'schedule.change', subject: 'schedule' },
  body: scheduleChange,
  answers: { 200: { description: 'The updated schedule.', json: scheduleAnswer } },
  problems: ['suite_not_found', 'not_found', 'conflict'],
} satisfies Operation;

export const deleteSchedule = {
  method: 'DELETE',
  path: '/api/v1/schedules/{id}',
  summary: 'Delete a schedule; its executions stay',
  access: 'member',
  audit: { action: 'schedule.remove', subject: 'schedule' },
  answers: { 204: noContent },
  problems: ['not_found', 'conflict'],
} satisfies Operation;

export const listScheduleFirings = {
  method: 'GET',
  path: '/api/v1/schedules/{id}/firings',
  summary: 'List what came of the planned times of a schedule, newest first',
  access: 'viewer',
  query: z.strictObject({ limit: pageLimit(500) }),
  answers: { 200: { description: 'The newest ones.', json: listOf(scheduleFiring) } },
  problems: ['not_found'],
} satisfies Operation;

export const previewSchedule = {
  method: 'GET',
  path: '/api/v1/schedule-times',
  summary: 'Get the next five times of a cron pattern in a time zone',
  access: 'viewer',
  query: z.strictObject({
    cron: z.string().min(1).max(120),
    timeZone: z.string().min(1).max(60).default('UTC'),
  }),
  answers: { 200: { description: 'The times.', json: z.object({ items: z.array(z.string()) }) } },
} satisfies Operation;
