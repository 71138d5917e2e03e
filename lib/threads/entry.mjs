// The entry of every thread: loads the module that it is to run. Plain JavaScript, because a thread does not inherit
// what makes TypeScript run; the compiler is let go of when all is loaded.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

const unregister = register();
await import(workerData.module);
await unregister();
