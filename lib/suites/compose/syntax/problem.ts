import type { Place } from './places';

/** Something wrong with a Compose file, or worth knowing about it, at its place. */
export interface ComposeProblem extends Place {
  message: string;
}

/** Stops the reading of one file or service whose rest makes no sense without what is wrong. */
export class ComposeError extends Error {
  constructor(
    message: string,
    readonly place: Place | null = null,
  ) {
    super(message);
  }
}
