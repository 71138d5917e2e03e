#!/usr/bin/env node
// `npm run agent`: the worker is TypeScript that runs as it is; this is the plain file that npm can link.
import { register } from 'tsx/esm/api';

register();
await import('./main.ts');
