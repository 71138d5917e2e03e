import { serveRequests } from '../../lib/threads/worker-host';

export type EndlessRequests = { loop: (input: null) => null; echo: (input: string) => string };

serveRequests<EndlessRequests>({
  loop() {
    for (;;);
  },
  echo: (input) => input,
});
