import { getHealth } from '@/lib/http/operations/platform';
import { route } from '@/lib/server';

export const GET = route(getHealth, async () => Response.json({ status: 'ok' }));
