import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../model/errors';
import { inputsFolder } from '../../model/step-input';
import type { StepSpec } from '../../model/step-spec';
import { normalizePath } from '../artifact-selection';
import type { StepWatch } from '../backend';
import { verifiedInput } from '../verified-input';

/**
 * Writes the artifacts of earlier steps below the attempt's folder, before its program is started. Rejects with AppError
 * `backend_failed` when one is not what it was when it was stored.
 */
export async function placeInputs(
  attemptFolder: string,
  { stepId, inputs = [] }: StepSpec,
  { openInput }: Pick<StepWatch, 'openInput'>,
): Promise<void> {
  for (const input of inputs) {
    const relative = normalizePath(input.target.slice(`${inputsFolder}/`.length));
    if (!openInput || relative === null)
      throw new AppError('backend_failed', `Step ${stepId}: its input ${input.target} cannot be placed.`);
    const file = path.join(attemptFolder, 'inputs', relative);
    await mkdir(path.dirname(file), { recursive: true });
    // Artifacts have no mode: what was built may be a program.
    const content = Readable.from(verifiedInput(await openInput(input), input));
    await pipeline(content, createWriteStream(file, { mode: 0o755 }));
  }
}
