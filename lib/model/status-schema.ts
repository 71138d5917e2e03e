import { z } from 'zod';
import { executionStatuses, finalExecutionStatuses, finalStepStatuses, stepStatuses } from './status';

export const executionStatus = z.enum(executionStatuses);
export const stepStatus = z.enum(stepStatuses);
export const finalStepStatus = z.enum(finalStepStatuses);
export const finalExecutionStatus = z.enum(finalExecutionStatuses);
