import { AppError, type ErrorCode, messageOf } from '../model/errors';

/** The image is not to be had: a step whose image is pinned then goes by the name. */
export function isUnpinnable(error: unknown): boolean {
  return error instanceof AppError && error.code === ('image_missing' satisfies ErrorCode);
}

/** What a person should know of a step that went by the name of its image. */
export function warnUnpinned(name: string, error: unknown): string {
  return `It runs ${name} as that is now, for the image of the run before cannot be had: ${messageOf(error)}`;
}
