import { z } from 'zod';
import { levels } from './level';
import { cpu, memory } from './quantities';
import { wholeNumber } from './text';

/** Describes the limits of a step's container: `cpu` in cores, `memory` in bytes. */
export const resources = z
  .strictObject({
    cpu: cpu.optional().meta({ whenAbsent: 'no limit' }),
    memory: memory.optional().meta({ whenAbsent: 'no limit' }),
    disk: memory.optional().meta({
      description:
        'What the step may write, in the amounts of `memory`: a step that uses more is ended. See [Disk](#disk).',
      examples: ['2Gi'],
      whenAbsent: 'no limit',
    }),
    pids: wholeNumber('a number of processes', 1, 32_768)
      .optional()
      .meta({ description: 'Processes and threads, 1 to 32768.', examples: [100], whenAbsent: '`512`' }),
  })
  .meta({
    id: 'resources',
    description: "Limits of the step's container.",
    examples: [{ cpu: '500m', memory: '256Mi', pids: 100 }],
  })
  .register(levels, { level: 'resources' });
