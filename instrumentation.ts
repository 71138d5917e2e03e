/** Next calls this once at boot, before the first request. `lib/cli/serve.mjs` waits for what it reports. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { getServer } = await import('./lib/server');
  // A throw here would leave Next answering 500 to everything; the launcher ends the process instead.
  await getServer().catch(() => undefined);
}
