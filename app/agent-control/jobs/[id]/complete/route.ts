export { POST } from '@/app/api/v1/agent-control/jobs/[id]/complete/route';
