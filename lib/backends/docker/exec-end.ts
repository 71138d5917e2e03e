import { z } from 'zod';
import type { Engine } from './daemon';

const execDetails = z.object({
  ExitCode: z.int().nullish(),
  Running: z.boolean(),
  CanRemove: z.boolean().nullish(),
});

/** How a command in a container ended, as the engine tells it; the exit code is null when nobody knows of an end. */
export function readExecEnd(
  details: unknown,
  engine: Engine['name'],
): { exitCode: number | null; isRunning: boolean } {
  const { ExitCode, Running, CanRemove } = execDetails.parse(details);
  // Podman (5.4.2, 5.8.6) tells exit code 0 of a command that never began, and that it can be removed of one that ended.
  const hasEnded = !Running && (engine === 'Docker' || CanRemove === true);
  return { exitCode: hasEnded ? (ExitCode ?? null) : null, isRunning: Running };
}
