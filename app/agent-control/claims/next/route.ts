export { POST } from '@/app/api/v1/agent-control/claims/next/route';
