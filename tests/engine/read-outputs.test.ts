import { describe, expect, it } from 'vitest';
import { parseOutputs } from '@/lib/engine/read-outputs';
import { createMasker } from '@/lib/model/masker';

describe('the file of outputs', () => {
  const read = (text: string, secrets: string[] = []) =>
    parseOutputs(Buffer.from(text, 'latin1'), createMasker(secrets));
  it.each([
    ['', {}],
    ['\n\n', {}],
    ['A=1', { A: '1' }],
    ['A=1\n', { A: '1' }],
    ['A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['A=', { A: '' }],
    ['A= x ', { A: ' x ' }],
    ['A=b=c', { A: 'b=c' }],
    ['A=x<<y', { A: 'x<<y' }],
    ['A="x"', { A: '"x"' }],
    ['A=1\nA=2', { A: '2' }],
    ['a-b_C1=x', { 'a-b_C1': 'x' }],
    ['A<<EOF\none\ntwo\nEOF', { A: 'one\ntwo' }],
    ['A<<EOF\nEOF\n', { A: '' }],
    ['A<< END\nB=1\n\nEND\nC=2', { A: 'B=1\n', C: '2' }],
    ['A<<E\r\none\r\nE\r\n', { A: 'one' }],
  ])('%j gives %j', (text, outputs) => {
    expect(read(text)).toEqual({ outputs, problems: [] });
  });

  it.each([
    ['no sign', 'line 1: expected KEY=value or KEY<<END, found neither'],
    ['A=1\n=2', 'line 2: expected KEY=value or KEY<<END, found neither'],
    ['1A=1', 'line 1: expected a name of letters'],
    ['a.b=1', 'line 1: expected a name of letters'],
    ['__proto__=1', 'line 1: expected a name of letters'],
    ['A<<EOF\none', 'line 1: expected a line that is the word after "<<"'],
    ['A<<\none', 'line 1: expected a line that is the word after "<<"'],
    ['A=\xff', 'is not text in UTF-8'],
    ['A=\0', 'is not text in UTF-8'],
    [`A=${'x'.repeat(32_769)}`, 'the output A has 32769 characters, expected at most 32768'],
    [Array.from({ length: 51 }, (_, at) => `A${at}=1`).join('\n'), 'has 51 outputs, expected at most 50'],
  ])('%#: %s', (text, problem) => {
    const result = read(text);
    expect(result.outputs).toEqual({});
    expect(result.problems).toEqual([expect.stringContaining(problem)]);
  });

  it('refuses the value of a secret, however it is written, without showing it', () => {
    const secret = 'hunter2-hunter2';
    for (const text of [
      `A=x ${secret}`,
      `A=${Buffer.from(secret).toString('base64')}`,
      `A<<E\n${secret}\nE`,
    ]) {
      const { outputs, problems } = read(text, [secret]);
      expect(outputs).toEqual({});
      expect(problems).toEqual([expect.stringContaining('the output A holds the value of a secret')]);
      expect(problems.join()).not.toContain(secret);
    }
  });
});
