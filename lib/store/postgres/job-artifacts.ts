import { createHash, type Hash } from 'node:crypto';
import { AppError } from '../../model/errors';
import { batchLimits } from '../../model/job';
import type { StepInput } from '../../model/step-input';
import type { JobArtifact, JobHolder } from '../agent-store';
import { readBlob, readWholeBlobs, removeBlob, writeBlob, writeWholeBlobs } from './blobs';
import type { Database } from './database';
import { holds, jobRefusal } from './job-fence';
import { newId } from './new-id';
import { translateErrors } from './translate-errors';

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
    checkDigest(path, sent.digest('hex'), sha256);
    await sql.begin(async (transaction) => {
      const [job] = await transaction`
        select id from agent_jobs j where id = ${jobId} and ${holds(transaction, holder)} for update`;
      if (!job) throw await jobRefusal({ sql: transaction }, jobId, holder);
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

export async function putJobArtifacts(
  { sql }: Database,
  jobId: string,
  holder: JobHolder,
  files: readonly (Omit<JobArtifact, 'bytes'> & { content: Uint8Array })[],
  maxBytes: number,
  mask: (content: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): Promise<void> {
  const made: (JobArtifact & { blobId: string; content: Buffer })[] = [];
  for (const { path, format, sha256, content } of files) {
    checkDigest(path, createHash('sha256').update(content).digest('hex'), sha256);
    const parts: Uint8Array[] = [];
    for await (const part of mask(only(content))) parts.push(part);
    const masked = Buffer.concat(parts);
    if (masked.length > maxBytes)
      throw new AppError('payload_too_large', `${path} is larger than the limit of ${maxBytes} bytes`);
    const digest = createHash('sha256').update(masked).digest('hex');
    made.push({ path, format, bytes: masked.length, sha256: digest, blobId: newId(), content: masked });
  }
  const rows = JSON.stringify(made.map(({ content: _, ...row }, place) => ({ ...row, place })));
  await sql.begin(async (transaction) => {
    const [job] = await transaction`
      select id from agent_jobs j where id = ${jobId} and ${holds(transaction, holder)} for update`;
    if (!job) throw await jobRefusal({ sql: transaction }, jobId, holder);
    await transaction`
      with replaced as (
        delete from agent_job_artifacts
        where job_id = ${jobId} and path = any(${made.map(({ path }) => path)}::text[])
        returning blob_id
      )
      delete from blobs using replaced where blobs.id = replaced.blob_id`;
    await writeWholeBlobs(
      transaction,
      made.map(({ blobId, content }) => ({ id: blobId, content })),
    );
    await transaction`
      insert into agent_job_artifacts (job_id, path, format, bytes, sha256, blob_id, stored_at)
      select ${jobId}, path, format, bytes, sha256, "blobId", now() + place * interval '1 microsecond'
      from jsonb_to_recordset(${rows}::text::jsonb)
        as given(path text, format text, bytes bigint, sha256 text, "blobId" text, place integer)`;
  });
}

function checkDigest(path: string, found: string, expected: string): void {
  if (found === expected) return;
  throw new AppError(
    'bad_request',
    `${path} came with the digest ${found}, expected ${expected}: send it again.`,
  );
}

async function* passing(content: AsyncIterable<Uint8Array>, by: Hash): AsyncIterable<Uint8Array> {
  for await (const chunk of content) {
    by.update(chunk);
    yield chunk;
  }
}

/** Small ones many at a time: one after another, each would cost a round trip or two. */
export async function* openJobArtifacts(
  database: Database,
  jobId: string,
): AsyncGenerator<JobArtifact & { content: AsyncIterable<Uint8Array> }> {
  const all = await translateErrors(
    () => database.sql<(JobArtifact & { blobId: string })[]>`
      select path, format, bytes::float8 as bytes, sha256, blob_id as "blobId" from agent_job_artifacts
      where job_id = ${jobId} order by stored_at, path`,
  );
  for (let next = 0; next < all.length; ) {
    const few = smallOnes(all, next);
    const contents = await readWholeBlobs(
      database,
      few.map(({ blobId }) => blobId),
    );
    for (const { blobId, ...artifact } of few.length > 0 ? few : all.slice(next, next + 1)) {
      const content = contents.get(blobId);
      yield { ...artifact, content: content ? only(content) : readBlob(database, blobId) };
      next += 1;
    }
  }
}

/** Those from a place on that fit into memory together; none when the first does not. */
function smallOnes<T extends { bytes: number }>(all: readonly T[], from: number): T[] {
  const few: T[] = [];
  let bytes = 0;
  for (const each of all.slice(from, from + batchLimits.files)) {
    bytes += each.bytes;
    if (each.bytes > batchLimits.fileBytes || bytes > batchLimits.bytes) break;
    few.push(each);
  }
  return few;
}

async function* only(content: Uint8Array): AsyncIterable<Uint8Array> {
  if (content.length > 0) yield content;
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

export async function readStepImage(
  { sql }: Database,
  jobId: string,
  holder: JobHolder,
): Promise<{ image: string | null; isBuilt: boolean }> {
  const [row] = await sql<{ image: string | null; isBuilt: boolean }[]>`
    select spec->'node'->>'image' as image, spec->'node'->>'build' is not null as "isBuilt" from agent_jobs j
    where id = ${jobId} and kind = 'step' and ${holds(sql, holder)}`;
  if (!row) throw await jobRefusal({ sql }, jobId, holder);
  return row;
}

export async function readStepInput(
  { sql }: Database,
  jobId: string,
  holder: JobHolder,
  artifactId: string,
): Promise<StepInput> {
  const [row] = await sql<{ inputs: StepInput[] | null }[]>`
    select spec->'inputs' as inputs from agent_jobs j
    where id = ${jobId} and kind = 'step' and ${holds(sql, holder)}`;
  if (!row) throw await jobRefusal({ sql }, jobId, holder);
  const input = row.inputs?.find((each) => each.artifactId === artifactId);
  if (input) return input;
  throw new AppError('artifact_not_found', `The step of job ${jobId} has no input ${artifactId}.`);
}

async function checkHeld({ sql }: Database, jobId: string, holder: JobHolder): Promise<void> {
  const rows = await sql`select from agent_jobs j where id = ${jobId} and ${holds(sql, holder)}`;
  if (rows.length === 0) throw await jobRefusal({ sql }, jobId, holder);
}
