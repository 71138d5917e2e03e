import { posix } from 'node:path';
import type { Mapping, Places } from '../syntax/places';
import type { ComposeProblem } from '../syntax/problem';

/** What the reading of one set of Compose files shares. */
export interface Loading {
  /** Reads a file by its absolute path; null when it is not there. Throws ComposeError when it must not be read. */
  read(path: string): string | null;
  /** How messages name a file, by its absolute path. */
  nameOf(path: string): string;
  places: Places;
  problems: ComposeProblem[];
  notices: ComposeProblem[];
}

/** The variables and the folder that count for a set of files. */
export interface Scope {
  folder: string;
  variables: Readonly<Record<string, string>>;
}

/** Loads a set of files, the later over the earlier. */
export type LoadFiles = (files: readonly string[], scope: Scope) => Mapping;

/** The folder of a file, by its absolute path. */
export function folderOf(file: string): string {
  return posix.dirname(file);
}
