import type { Row } from './bench';

export const claims: Row = {
  name: 'claims',
  measure: async () => ({
    title: 'claims by agents, at concurrency 8 and 32',
    measures: [],
    notes: [],
    notBuilt: 'not built yet (agents)',
  }),
};
