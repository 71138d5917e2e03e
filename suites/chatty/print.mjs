// Prints LINES lines of 100 bytes, as fast as whoever reads them takes them.
import { once } from 'node:events';

const count = Number(process.env.LINES ?? 1_000_000);
const perWrite = 500;

for (let first = 1; first <= count; first += perWrite) {
  const last = Math.min(count, first + perWrite - 1);
  let text = '';
  for (let number = first; number <= last; number += 1) text += line(number);
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** 100 bytes without the line's end. Each says its number, so that a reader can tell whether one is missing. */
function line(number) {
  const word = number % 1000 === 0 ? 'checkpoint' : 'line';
  const start = `${word} ${String(number).padStart(7, '0')} of ${count} `;
  return `${start.padEnd(100, 'abcdefghij')}\n`;
}
