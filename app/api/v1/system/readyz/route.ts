import { getReadiness } from '@/lib/http/operations/platform';
import { checkNames, readinessResponse } from '@/lib/http/readiness';
import { route } from '@/lib/server';

export const GET = route(getReadiness, ({ context }) => readinessResponse(context, checkNames));
