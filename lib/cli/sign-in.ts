import type { Api } from './api-client';

export async function printSignInLink(api: Api): Promise<void> {
  const { token }: { token: string } = await api.post('/api/v1/session/sign-in-link', {});
  console.log(`${api.url}/sign-in#${token}`);
}
