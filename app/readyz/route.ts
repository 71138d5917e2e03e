import { checkNames, readinessResponse } from '@/lib/http/readiness';
import { route } from '@/lib/server';

export const GET = route({ access: 'public' }, ({ context }) => readinessResponse(context, checkNames));
