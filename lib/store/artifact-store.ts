import type { Artifact } from '../model/artifact';
import type { Report } from '../model/report';

/** The files that steps exported, and the reports among them. */
export interface ArtifactStore {
  /**
   * Stores the content and the row; a repeated call for the same attempt and path replaces it. Rejects with
   * `payload_too_large` past `maxBytes`, leaving nothing.
   */
  put(
    id: string,
    artifact: Pick<Artifact, 'stepId' | 'attempt' | 'path' | 'format'>,
    content: AsyncIterable<Uint8Array>,
    maxBytes: number,
  ): Promise<Artifact>;
  /** Stores many small files of different paths in one transaction, in order, each as `put` does. */
  putMany(
    id: string,
    files: readonly (Pick<Artifact, 'stepId' | 'attempt' | 'path' | 'format'> & { content: Uint8Array })[],
  ): Promise<Artifact[]>;
  /** Removes contents and rows; nothing happens to those that are not there. */
  remove(id: string, artifactIds: readonly string[]): Promise<void>;
  saveReport(artifactId: string, report: Report): Promise<void>;
  report(artifactId: string): Promise<Report | null>;
  list(id: string): Promise<Artifact[]>;
  open(
    id: string,
    artifactId: string,
  ): Promise<{ artifact: Artifact; content: AsyncIterable<Uint8Array> } | null>;
}
