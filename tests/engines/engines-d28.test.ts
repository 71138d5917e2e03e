import { tryEngine } from './try-engine';

tryEngine('d28');
