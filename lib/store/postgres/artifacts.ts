import { eq } from 'drizzle-orm';
import { artifacts } from '../../../drizzle/schema';
import type { Artifact } from '../../model/artifact';
import { AppError } from '../../model/errors';
import type { ArtifactStore } from '../store';
import { readBlob, removeBlob, writeBlob } from './blobs';
import { type Database, jsonValue } from './database';
import { newId } from './new-id';
import { reachable } from './reachable';

export function createArtifactStore(database: Database): ArtifactStore {
  const { sql, tables } = database;

  const put: ArtifactStore['put'] = async (id, given, content, maxBytes) => {
    const blob = await writeBlob(database, content, maxBytes);
    const artifact: Artifact = { ...given, id: newId(), bytes: blob.bytes, sha256: blob.sha256 };
    try {
      await sql.begin(async (transaction) => {
        const [replaced] = await transaction<{ blobId: string }[]>`
          delete from artifacts
          where execution_id = ${id} and step_id = ${given.stepId} and attempt = ${given.attempt}
            and path = ${given.path}
          returning blob_id as "blobId"`;
        if (replaced) await removeBlob({ sql: transaction }, replaced.blobId);
        await transaction`
          insert into artifacts (id, execution_id, step_id, attempt, path, format, bytes, sha256, blob_id)
          values (${artifact.id}, ${id}, ${given.stepId}, ${given.attempt}, ${given.path}, ${given.format},
            ${blob.bytes}, ${blob.sha256}, ${blob.id})`;
      });
    } catch (error) {
      await removeBlob(database, blob.id).catch(() => undefined);
      throw error;
    }
    return artifact;
  };

  const fields = sql`id, step_id as "stepId", attempt, path, format, bytes::float8 as bytes, sha256`;

  return {
    put: (...call) => reachable(() => put(...call)),
    remove: (id, artifactId) =>
      reachable(async () => {
        // The blob goes in the same statement: its own reference is checked at the end.
        await sql`
          with removed as (
            delete from artifacts where execution_id = ${id} and id = ${artifactId} returning blob_id
          )
          delete from blobs using removed where blobs.id = removed.blob_id`;
      }),
    saveReport: (artifactId, report) =>
      reachable(async () => {
        const rows = await tables
          .update(artifacts)
          .set({ report: jsonValue(report) })
          .where(eq(artifacts.id, artifactId))
          .returning({ id: artifacts.id });
        if (rows.length === 0) throw new AppError('artifact_not_found', `there is no artifact ${artifactId}`);
      }),
    report: (artifactId) =>
      reachable(async () => {
        const [row] = await tables
          .select({ report: artifacts.report })
          .from(artifacts)
          .where(eq(artifacts.id, artifactId));
        return row?.report ?? null;
      }),
    list: (id) =>
      reachable(async () => {
        const rows = await sql<Artifact[]>`
          select ${fields} from artifacts where execution_id = ${id} order by step_id, attempt, path`;
        return [...rows];
      }),
    open: (id, artifactId) =>
      reachable(async () => {
        const [row] = await sql<(Artifact & { blobId: string })[]>`
          select ${fields}, blob_id as "blobId" from artifacts
          where execution_id = ${id} and id = ${artifactId}`;
        if (!row) return null;
        const { blobId, ...artifact } = row;
        return { artifact, content: readBlob(database, blobId) };
      }),
  };
}
