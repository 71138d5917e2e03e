// The entry of the reading thread. Plain JavaScript, because a thread does not inherit what makes TypeScript run;
// the compiler is let go of when all is loaded.
import { register } from 'tsx/esm/api';

const unregister = register();
await import('./read-worker.ts');
await unregister();
