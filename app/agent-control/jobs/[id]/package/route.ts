export { GET } from '@/app/api/v1/agent-control/jobs/[id]/package/route';
