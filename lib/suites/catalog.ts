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
  close(): Promise<void>;
}
