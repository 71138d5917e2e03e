/** Next calls this once at boot, before the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { boot } = await import('./lib/boot');
  const { directRoutes } = await import('./app/api/direct-routes');
  await boot(directRoutes);
}
