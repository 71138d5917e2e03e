import { messageOf } from '../model/errors';
import { ImageMissing } from './pull-refusal';

/**
 * Tells whether a step whose image is pinned by a digest may run what the image's name means now: when the registry no
 * longer has the pinned one. A registry that is away, or that allows no pull now, may still have it for a retry.
 */
export function mayFallBackToName(error: unknown): boolean {
  return error instanceof ImageMissing && (error.kind === 'missing' || error.kind === 'no_platform');
}

/** The warning of a step that ran its image by name instead. */
export function fallbackWarning(name: string, error: unknown): string {
  return `It runs ${name} as that is now, for the image of the run before cannot be had: ${messageOf(error)}`;
}
