import { tryEngine } from './try-engine';

tryEngine('p58');
