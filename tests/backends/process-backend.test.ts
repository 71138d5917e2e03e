import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createProcessBackend } from '@/lib/backends/process/process-backend';
import { processesWithEnv } from '@/lib/backends/process/process-group';
import { systemClock } from '@/lib/clock';
import { backendContract } from './backend-contract';
import { silentLogger } from './contract/silent-logger';

const isRoot = process.getuid?.() === 0;

backendContract(
  'The process backend',
  async ({ openPackage, ledger }) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'gantry-process-'));
    const make = () =>
      createProcessBackend(
        { clock: systemClock, logger: silentLogger, openPackage, ledger },
        { id: 'process', installation: 'contract', folder },
      );
    const backend = make();
    return {
      backend,
      another: make,
      command: ({ source }) => ['node', '-e', source],
      image: null,
      async leftovers(executionId) {
        const own = path.join(folder, executionId);
        const pids = await processesWithEnv(`${own}/`);
        const isThere = await stat(own).then(
          () => true,
          () => false,
        );
        return [...pids.map((pid) => `process ${pid}`), ...(isThere ? [own] : [])];
      },
      killSlackMs: 1_000,
      keepsLedger: true,
      close: () => rm(folder, { recursive: true }),
    };
  },
  isRoot ? { 'the package is read-only': 'root writes whatever the mode of a file says' } : {},
);
