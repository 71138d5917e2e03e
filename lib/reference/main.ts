import { fileURLToPath } from 'node:url';
import { publish } from './publish';

publish(fileURLToPath(new URL('../..', import.meta.url)));
