import type { LaunchRequest } from '../model/launch';
import { matchesPattern } from '../model/match-pattern';
import type { Trigger } from '../model/trigger';
import type { VerifiedMessage } from './verify-message';

const longestLabel = 255;
const longestValue = 20_000;

/** What a message launches, or why it launches nothing. */
export function mapMessage(
  trigger: Trigger,
  { payload, event }: VerifiedMessage,
): { launch: LaunchRequest } | { ignored: string } {
  const { events, when, suiteId, backend } = trigger;
  if (trigger.provider === 'github' && event === 'ping')
    return { ignored: 'It is the ping of a new webhook.' };
  if (events.length > 0 && !events.includes(event ?? ''))
    return { ignored: `Its event is ${event ?? 'not named'}; the trigger waits for ${events.join(', ')}.` };
  for (const [field, pattern] of Object.entries(when)) {
    const found = fieldOf(payload, field);
    if (found === null || !matchesPattern(pattern, found))
      return { ignored: `${field} is ${found === null ? 'not there' : short(found)}; expected ${pattern}.` };
  }
  const named = trigger.profileFrom === null ? null : fieldOf(payload, trigger.profileFrom);
  const profile = named ?? trigger.profile;
  return {
    launch: {
      suiteId,
      ...(profile === null ? {} : { profile }),
      ...(backend === null ? {} : { backend }),
      env: fieldsOf(payload, trigger.env, longestValue),
      labels: { ...fieldsOf(payload, trigger.labels, longestLabel), trigger: trigger.name },
    },
  };
}

function fieldsOf(payload: unknown, fields: Record<string, string>, longest: number): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => {
      const found = fieldOf(payload, field);
      return found === null ? [] : [[name, found.slice(0, longest)]];
    }),
  );
}

/** Text, number or truth value below these names, as text; null where there is none. */
export function fieldOf(payload: unknown, field: string): string | null {
  let value = payload;
  for (const name of field.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return null;
    value = Reflect.get(value, name);
  }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null;
  // PostgreSQL stores neither NUL nor half of a surrogate pair.
  return Buffer.from(String(value).replaceAll('\0', ''), 'utf8').toString('utf8');
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
