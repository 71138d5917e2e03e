import { createFakeBackend } from '@/lib/backends/fake/fake-backend';
import { systemClock } from '@/lib/clock';
import { backendContract, type ContractProgram } from './backend-contract';

backendContract('The fake backend', async ({ ledger }) => {
  const programs: ContractProgram[] = [];
  const backend = createFakeBackend(
    { clock: systemClock, ledger },
    (step) => {
      const program = programs[Number(step.node.command?.[1])];
      if (!program) throw new Error(`no program for ${step.stepId}`);
      return typeof program.fake === 'function' ? program.fake(step) : program.fake;
    },
    { id: 'fake' },
  );
  return {
    backend,
    another: () => backend,
    command: (program) => ['program', String(programs.push(program) - 1)],
    image: null,
    leftovers: async (executionId) => backend.runningSteps(executionId),
    killSlackMs: 1_000,
    keepsLedger: true,
    close: async () => {},
  };
});
