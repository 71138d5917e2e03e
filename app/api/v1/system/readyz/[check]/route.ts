export { GET } from '@/app/readyz/[check]/route';
