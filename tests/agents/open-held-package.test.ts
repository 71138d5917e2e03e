import { expect, test } from 'vitest';
import { openHeldPackage } from '@/lib/agent/open-held-package';
import { AppError } from '@/lib/model/errors';
import type { StepJob } from '@/lib/model/job';
import { makeStepSpec } from '../support/plan';

const digest = `sha256:${'a'.repeat(64)}`;
const job = (id: string, packageDigest = digest) => ({
  job: { id, spec: makeStepSpec({ node: { packageDigest } }) } as StepJob,
});
const held = [job('oldest'), job('other', `sha256:${'b'.repeat(64)}`), job('newest')];
const over = new AppError('stale_fence', 'Job takes nothing any more: it has ended.');

/** A control plane where these answer with an error; and who was asked. */
function planeWith(errors: Record<string, Error>) {
  const asked: string[] = [];
  const openPackage = async ({ id }: Pick<StepJob, 'id'>) => {
    asked.push(id);
    const error = errors[id];
    if (error) throw error;
    return (async function* () {
      yield Buffer.from(id);
    })();
  };
  return { asked, plane: { openPackage } };
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('a package is opened through the newest job that has it', async () => {
  const { plane, asked } = planeWith({});
  expect(await textOf(await openHeldPackage(plane, held, digest))).toBe('newest');
  expect(asked).toEqual(['newest']);
});

test('a job that has ended on the control plane gives way to the next one that has the package', async () => {
  const { plane, asked } = planeWith({ newest: over });
  expect(await textOf(await openHeldPackage(plane, held, digest))).toBe('oldest');
  expect(asked).toEqual(['newest', 'oldest']);
});

test('where every job has ended, or none has the package, that is said', async () => {
  const { plane } = planeWith({ newest: over, oldest: over });
  await expect(openHeldPackage(plane, held, digest)).rejects.toBe(over);
  await expect(openHeldPackage(plane, [], digest)).rejects.toMatchObject({ code: 'not_found' });
});

test('what went wrong with a good job is not hidden behind another', async () => {
  const broken = new AppError('backend_failed', 'The content does not have its digest.');
  const { plane, asked } = planeWith({ newest: broken });
  await expect(openHeldPackage(plane, held, digest)).rejects.toBe(broken);
  expect(asked).toEqual(['newest']);
});
