import type { CatalogEntry } from '../model/suite';

/** The suites below the suite roots, read again when they change. */
export interface SuiteCatalog {
  /** In order of id. An invalid folder is listed with its problems and never hides the others. */
  list(): Promise<CatalogEntry[]>;
  get(id: string): Promise<CatalogEntry | null>;
  /**
   * The package's files as a tar stream: paths relative to the package, sorted, mode 0644 or 0755, no times,
   * no owners. Rejects with `conflict` when the folder no longer has the digest that the entry says.
   */
  openPackage(entry: CatalogEntry): Promise<AsyncIterable<Uint8Array>>;
  /** A suite that is not below the roots; its folder does not change any more. Absolute. */
  read(folder: string): Promise<CatalogEntry>;
  /** By path: the beginning of a sha256 over mode and content, to tell which files differ. */
  fileHashes(entry: CatalogEntry): Promise<Record<string, string>>;
  close(): Promise<void>;
}
