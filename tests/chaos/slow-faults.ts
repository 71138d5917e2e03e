import { killOnEmbeddedDatabase } from './embedded-kills';
import { chattyOutput, killDuringExamples } from './example-kills';
import { fillTheDisk } from './full-disk';
import type { Random } from './random';
import { killOneOfTwo } from './replica-kills';
import { restartUnderCrowd } from './restarted-crowd';
import type { Say, SlowFault } from './slow-fault';
import { ignoreStreams } from './slow-readers';

const storefront = () => ({
  suiteId: 'storefront',
  profile: 'default',
  rounds: 20,
  flaky: 'checkout',
  printed: null,
});
const chatty = () => ({
  suiteId: 'chatty',
  profile: 'default',
  rounds: 20,
  flaky: null,
  printed: chattyOutput(1_000_000),
});

export const slowFaults: ReadonlyMap<string, SlowFault> = new Map([
  ['examples', (random: Random, say: Say) => killDuringExamples(random, say, [storefront(), chatty()])],
  ['chatty', (random: Random, say: Say) => killDuringExamples(random, say, [chatty()])],
  [
    'replicas',
    async (random: Random, say: Say) => {
      const kills = { executions: 200, minKills: 0, everyMs: 10_000, limitMs: 1_800_000 };
      return (await killOneOfTwo(random, say, kills)).problems;
    },
  ],
  ['embedded', (random: Random, say: Say) => killOnEmbeddedDatabase(random, say, 20)],
  ['disk', fillTheDisk],
  ['readers', ignoreStreams],
  ['crowd', restartUnderCrowd],
]);
