import type { Fault } from '../model/execution';
import { actionText } from '../model/faults';
import { glyphOf } from './describe-event';

const maxFaults = 5;

/** The faults of an ended run as lines for a terminal: the first five, and how many more there are. */
export function faultLines(faults: readonly Fault[]): string[] {
  const lines = faults.slice(0, maxFaults).flatMap(linesOf);
  const more = faults.length - maxFaults;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

function linesOf({ stepId, status, sentence, line, action, consequences }: Fault): string[] {
  const quote = line === null || sentence.includes(line) ? '' : ` — "${line}"`;
  return [
    `${glyphOf(status)} ${stepId}: ${sentence}${quote}`,
    ...(action ? [`    → ${actionText(action)}`] : []),
    ...(consequences.length > 0
      ? [
          `    it took along ${consequences.length === 1 ? '1 step' : `${consequences.length} steps`}: ${names(consequences)}`,
        ]
      : []),
  ];
}

function names(ids: readonly string[]): string {
  return ids.length > 3 ? `${ids.slice(0, 3).join(', ')}, …` : ids.join(', ');
}
