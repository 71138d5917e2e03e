import { z } from 'zod';

/*
 * How much a request may hold. Everything that comes in a body has a limit of its own, so that nobody can make the
 * control plane work on something huge that is legal part by part.
 */

/** Characters of a text that nothing else limits: a value of a variable, an annotation, a description. */
export const maxTextLength = 32_768;
/** Entries of a list that nothing else limits. */
export const maxListItems = 1_000;
/** Entries of one mapping. */
export const maxEntries = 500;
/** Characters of the names and values of one mapping of variables together. */
export const maxVariableCharacters = 262_144;
/** Steps that a profile may say something about: as many as a suite may have. */
export const maxProfileSteps = 5_000;

/** Any text of a usual length. */
export const limitedText = z.string().max(maxTextLength);

/** A list of a usual length. */
export const limitedList = <T extends z.ZodType>(item: T, most = maxListItems) => z.array(item).max(most);

/** A mapping with at most so many entries. */
export function limitedRecord<Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(
  key: Key,
  value: Value,
  most = maxEntries,
) {
  return z
    .record(key, value)
    .refine((entries) => Object.keys(entries).length <= most, `expected at most ${most} entries`)
    .meta({ maxProperties: most });
}

/** A mapping of variables or headers: limited in number, and in characters together. */
export function limitedVariables<Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(
  key: Key,
  value: Value,
) {
  return limitedRecord(key, value)
    .refine(
      (entries) => charactersOf(entries) <= maxVariableCharacters,
      `expected at most ${maxVariableCharacters} characters of names and values together`,
    )
    .meta({
      maxProperties: maxEntries,
      description: `Names and values have at most ${maxVariableCharacters} characters together.`,
    });
}

/** Characters of all names and values. */
export function charactersOf(entries: Readonly<Record<string, unknown>>): number {
  let characters = 0;
  for (const [name, value] of Object.entries(entries)) characters += name.length + String(value).length;
  return characters;
}
