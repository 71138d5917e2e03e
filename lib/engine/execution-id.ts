import { customAlphabet } from 'nanoid';

const random = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 7);

/** 16 lower-case letters and digits, ordered by time to the millisecond: fits a DNS label and a container name. */
export function newExecutionId(now: Date): string {
  return now.getTime().toString(36).padStart(9, '0') + random();
}
