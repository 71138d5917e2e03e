import { AppError } from '../../lib/model/errors';
import { serveRequests } from '../../lib/threads/worker-host';

export type EndlessRequests = {
  loop: (input: null) => null;
  echo: (input: string) => string;
  refuse: (input: string) => null;
};

serveRequests<EndlessRequests>({
  loop() {
    for (;;);
  },
  echo: (input) => input,
  refuse(input) {
    throw new AppError('pattern_invalid', input, { issues: [{ path: 'pattern', message: input }] });
  },
});
