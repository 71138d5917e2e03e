import type { Masker } from '../model/masker';
import { maxOutputCharacters, maxOutputFileBytes, maxOutputs, type Outputs } from '../model/outputs';
import { valueNamePattern } from '../model/template';

/** What an attempt wrote into `$GANTRY_OUTPUT`, and what is wrong with it. Problems do not show what was written. */
export interface ReadOutputs {
  outputs: Outputs;
  problems: string[];
}

const begin = /^([^=<\s]+)(=|<<)(.*)$/;
const maxProblems = 5;

/** Reads a file of outputs as far as it is not too large. The rest is still consumed. */
export async function readOutputs(content: AsyncIterable<Uint8Array>, masker: Masker): Promise<ReadOutputs> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.byteLength;
    if (bytes <= maxOutputFileBytes) chunks.push(chunk);
  }
  if (bytes > maxOutputFileBytes) {
    const problem = `$GANTRY_OUTPUT has ${bytes} bytes, expected at most ${maxOutputFileBytes}: export larger values as files`;
    return { outputs: {}, problems: [problem] };
  }
  return parseOutputs(Buffer.concat(chunks), masker);
}

/**
 * Reads lines `KEY=value`, and values of several lines between `KEY<<END` and a line `END`. The last value of a name
 * counts. A value or a name with a secret in it is refused: what is put out is stored and shown.
 */
export function parseOutputs(content: Uint8Array, masker: Masker): ReadOutputs {
  const text = Buffer.from(content).toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(content) || text.includes('\0'))
    return { outputs: {}, problems: ['$GANTRY_OUTPUT is not text in UTF-8'] };
  const outputs = new Map<string, string>();
  const problems: string[] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line.trim() === '') continue;
    const where = `$GANTRY_OUTPUT, line ${at + 1}`;
    const [, name = '', sign, rest = ''] = begin.exec(line) ?? [];
    if (sign === undefined) {
      problems.push(`${where}: expected KEY=value or KEY<<END, found neither`);
      continue;
    }
    let value = rest;
    if (sign === '<<') {
      const end = rest.trim();
      const last = end === '' ? -1 : lines.indexOf(end, at + 1);
      if (last < 0) {
        problems.push(`${where}: expected a line that is the word after "<<" and nothing else, found none`);
        break;
      }
      value = lines.slice(at + 1, last).join('\n');
      at = last;
    }
    const problem = explain(name, value, masker);
    if (problem === null) outputs.set(name, value);
    else problems.push(`${where}: ${problem}`);
  }
  if (outputs.size > maxOutputs)
    problems.push(`$GANTRY_OUTPUT has ${outputs.size} outputs, expected at most ${maxOutputs}`);
  const more = problems.length - maxProblems;
  return {
    outputs: problems.length > 0 ? {} : Object.fromEntries(outputs),
    problems: [...problems.slice(0, maxProblems), ...(more > 0 ? [`and ${more} more such lines`] : [])],
  };
}

function explain(name: string, value: string, masker: Masker): string | null {
  if (masker.text(name) !== name) return 'the name holds the value of a secret';
  if (!valueNamePattern.test(name))
    return 'expected a name of letters, digits, "_" and "-", without a digit first and at most 100 long';
  if (masker.text(value) !== value)
    return `the output ${name} holds the value of a secret, and outputs are stored and shown: name the secret in the profile for the step that needs it`;
  if (value.length > maxOutputCharacters)
    return `the output ${name} has ${value.length} characters, expected at most ${maxOutputCharacters}: export it as a file`;
  return null;
}
