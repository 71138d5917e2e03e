import { createHash } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { artifacts } from '../../../drizzle/schema';
import type { Artifact } from '../../model/artifact';
import { AppError } from '../../model/errors';
import type { ArtifactStore } from '../artifact-store';
import { readBlob, removeBlob, writeBlob, writeWholeBlobs } from './blobs';
import { type Database, jsonValue, toJson } from './database';
import { newId } from './new-id';
import { translateErrors } from './translate-errors';

export function createArtifactStore(database: Database): ArtifactStore {
  const { sql, tables } = database;

  const fields = sql`id, step_id as "stepId", attempt, path, format, bytes::float8 as bytes, sha256`;

  return {
    put: (...call) => translateErrors(() => put(database, ...call)),
    putMany: (...call) => translateErrors(() => putMany(database, ...call)),
    remove: (id, artifactIds) =>
      translateErrors(async () => {
        // The blob goes in the same statement: its own reference is checked at the end.
        await sql`
          with removed as (
            delete from artifacts where execution_id = ${id} and id = any(${[...artifactIds]}::text[]) returning blob_id
          )
          delete from blobs using removed where blobs.id = removed.blob_id`;
      }),
    saveReport: (artifactId, report) =>
      translateErrors(async () => {
        const rows = await tables
          .update(artifacts)
          .set({ report: jsonValue(report) })
          .where(eq(artifacts.id, artifactId))
          .returning({ id: artifacts.id });
        if (rows.length === 0) throw new AppError('artifact_not_found', `there is no artifact ${artifactId}`);
      }),
    report: (artifactId) =>
      translateErrors(async () => {
        const [row] = await tables
          .select({ report: artifacts.report })
          .from(artifacts)
          .where(eq(artifacts.id, artifactId));
        return row?.report ?? null;
      }),
    list: (id) =>
      translateErrors(async () => {
        const rows = await sql<Artifact[]>`
          select ${fields} from artifacts where execution_id = ${id} order by step_id, attempt, path`;
        return [...rows];
      }),
    open: (id, artifactId) =>
      translateErrors(async () => {
        const [row] = await sql<(Artifact & { blobId: string })[]>`
          select ${fields}, blob_id as "blobId" from artifacts
          where execution_id = ${id} and id = ${artifactId}`;
        if (!row) return null;
        const { blobId, ...artifact } = row;
        return { artifact, content: readBlob(database, blobId) };
      }),
  };
}

async function put(
  database: Database,
  ...[id, given, content, maxBytes]: Parameters<ArtifactStore['put']>
): ReturnType<ArtifactStore['put']> {
  const { sql } = database;
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
}

async function putMany(
  database: Database,
  ...[id, files]: Parameters<ArtifactStore['putMany']>
): ReturnType<ArtifactStore['putMany']> {
  const { sql } = database;
  if (files.length === 0) return [];
  const made = files.map(({ content, ...given }) => ({
    artifact: { ...given, id: newId(), bytes: content.length, sha256: sha256(content) } as Artifact,
    blob: newId(),
    content,
  }));
  const rows = toJson(made.map(({ artifact, blob }) => ({ ...artifact, blob })));
  await sql.begin(async (transaction) => {
    await transaction`
      with replaced as (
        delete from artifacts using jsonb_to_recordset(${rows}::text::jsonb)
          as given("stepId" text, attempt integer, path text)
        where execution_id = ${id} and step_id = given."stepId" and artifacts.attempt = given.attempt
          and artifacts.path = given.path
        returning blob_id
      )
      delete from blobs using replaced where blobs.id = replaced.blob_id`;
    await writeWholeBlobs(
      transaction,
      made.map(({ blob, content }) => ({ id: blob, content })),
    );
    await transaction`
      insert into artifacts (id, execution_id, step_id, attempt, path, format, bytes, sha256, blob_id)
      select given.id, ${id}, "stepId", attempt, path, format, bytes, sha256, blob
      from jsonb_to_recordset(${rows}::text::jsonb) as given(
        id text, "stepId" text, attempt integer, path text, format text, bytes bigint, sha256 text, blob text
      )`;
  });
  return made.map(({ artifact }) => artifact);
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
