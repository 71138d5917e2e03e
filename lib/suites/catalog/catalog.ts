import type { CatalogEntry } from '../suite';

/** The suites below the suite roots, read again when they change. */
export interface SuiteCatalog {
  /** Lists in order of id. An invalid folder is listed with its problems and never hides the others. */
  list(): Promise<CatalogEntry[]>;
  get(id: string): Promise<CatalogEntry | null>;
  /**
   * Streams the package's files as a tar: paths relative to the package, sorted, mode 0644 or 0755, no times,
   * no owners. Rejects with `conflict` when the folder no longer matches the entry's digest.
   */
  openPackage(entry: CatalogEntry): Promise<AsyncIterable<Uint8Array>>;
  /** Reads a suite that is not below the roots and whose folder does not change any more. The path is absolute. */
  read(folder: string): Promise<CatalogEntry>;
  /** Computes by path the beginning of a sha256 over mode and content, to find which files differ. */
  fileHashes(entry: CatalogEntry): Promise<Record<string, string>>;
  close(): Promise<void>;
}
