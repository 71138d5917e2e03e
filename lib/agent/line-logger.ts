import type { Logger } from '../model/logger';

const levels = ['debug', 'info', 'warn', 'error'] as const;

/** One line an entry: the message, and what it is about. */
export function createLineLogger(least: (typeof levels)[number], write: (line: string) => void): Logger {
  const at =
    (level: (typeof levels)[number]) =>
    (fields: object, message: string): void => {
      if (levels.indexOf(level) < levels.indexOf(least)) return;
      const details = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      write([level, message, ...details].join(' '));
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
