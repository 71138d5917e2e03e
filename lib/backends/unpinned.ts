import { messageOf } from '../model/errors';
import { ImageMissing } from './pull-refusal';

/**
 * The registry has the image no more: a step whose image is pinned then goes by the name. A registry that is away or
 * lets nobody pull now may have it, and a retry finds it.
 */
export function isUnpinnable(error: unknown): boolean {
  return error instanceof ImageMissing && (error.kind === 'missing' || error.kind === 'no_platform');
}

/** What a person should know of a step that went by the name of its image. */
export function warnUnpinned(name: string, error: unknown): string {
  return `It runs ${name} as that is now, for the image of the run before cannot be had: ${messageOf(error)}`;
}
