import { createHash, type Hash } from 'node:crypto';
import { AppError } from '../../model/errors';
import type { JobArtifact, JobHolder } from '../agent-store';
import { readBlob, removeBlob, writeBlob } from './blobs';
import type { Database } from './database';
import { holds, jobRefusal } from './job-fence';

export async function putJobArtifact(
  database: Database,
  jobId: string,
  holder: JobHolder,
  artifact: Omit<JobArtifact, 'bytes'>,
  content: AsyncIterable<Uint8Array>,
  maxBytes: number,
  mask: (content: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): Promise<void> {
  const { sql } = database;
  const { path, format, sha256 } = artifact;
  // Asked before a byte is taken, and again once all are there.
  await checkHeld(database, jobId, holder);
  const sent = createHash('sha256');
  const blob = await writeBlob(database, mask(passing(content, sent)), maxBytes);
  try {
    const digest = sent.digest('hex');
    if (digest !== sha256) {
      throw new AppError(
        'bad_request',
        `${path} came with the digest ${digest}, expected ${sha256}: send it again.`,
      );
    }
    await sql.begin(async (transaction) => {
      const [job] = await transaction`
        select id from agent_jobs j where id = ${jobId} and ${holds(transaction, holder)} for update`;
      if (!job) throw await jobRefusal({ sql }, jobId, holder);
      const [replaced] = await transaction<{ blobId: string }[]>`
        delete from agent_job_artifacts where job_id = ${jobId} and path = ${path} returning blob_id as "blobId"`;
      if (replaced) await removeBlob({ sql: transaction }, replaced.blobId);
      await transaction`
        insert into agent_job_artifacts (job_id, path, format, bytes, sha256, blob_id)
        values (${jobId}, ${path}, ${format}, ${blob.bytes}, ${blob.sha256}, ${blob.id})`;
    });
  } catch (error) {
    await removeBlob(database, blob.id).catch(() => undefined);
    throw error;
  }
}

async function* passing(content: AsyncIterable<Uint8Array>, by: Hash): AsyncIterable<Uint8Array> {
  for await (const chunk of content) {
    by.update(chunk);
    yield chunk;
  }
}

export async function listJobArtifacts({ sql }: Database, jobId: string): Promise<JobArtifact[]> {
  const rows = await sql<JobArtifact[]>`
    select path, format, bytes::float8 as bytes, sha256 from agent_job_artifacts
    where job_id = ${jobId} order by stored_at, path`;
  return [...rows];
}

export async function openJobArtifact(
  database: Database,
  jobId: string,
  path: string,
): Promise<AsyncIterable<Uint8Array>> {
  const [row] = await database.sql<{ blobId: string }[]>`
    select blob_id as "blobId" from agent_job_artifacts where job_id = ${jobId} and path = ${path}`;
  if (!row) throw new AppError('artifact_not_found', `Job ${jobId} has no artifact ${path}.`);
  return readBlob(database, row.blobId);
}

export async function readPackageDigest(
  { sql }: Database,
  jobId: string,
  holder: JobHolder,
): Promise<string> {
  const [row] = await sql<{ digest: string }[]>`
    select spec->'node'->>'packageDigest' as digest from agent_jobs j
    where id = ${jobId} and kind = 'step' and ${holds(sql, holder)}`;
  if (!row) throw await jobRefusal({ sql }, jobId, holder);
  return row.digest;
}

async function checkHeld({ sql }: Database, jobId: string, holder: JobHolder): Promise<void> {
  const rows = await sql`select from agent_jobs j where id = ${jobId} and ${holds(sql, holder)}`;
  if (rows.length === 0) throw await jobRefusal({ sql }, jobId, holder);
}
