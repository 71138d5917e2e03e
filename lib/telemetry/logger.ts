import pino from 'pino';
import type { Logger } from '../model/logger';

/** JSON lines on standard error. Requests are never logged with their query, which may carry a token. */
export function createLogger(level: 'debug' | 'info' | 'warn' | 'error'): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['token', '*.token', 'authorization', '*.authorization', 'cookie', '*.cookie'],
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
