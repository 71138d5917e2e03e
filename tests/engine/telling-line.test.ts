import { describe, expect, it } from 'vitest';
import { tellingLine } from '@/lib/engine/telling-line';

const out = (text: string) => ({ stream: 'stdout' as const, text });
const err = (text: string) => ({ stream: 'stderr' as const, text });

describe('the telling line of a bad end', () => {
  it.each([
    [
      'of Node',
      [
        '/suite/migrate.js:3',
        'throw new Error("relation \\"custmers\\" does not exist")',
        '^',
        '',
        'Error: relation "custmers" does not exist',
        '    at Object.<anonymous> (/suite/migrate.js:3:7)',
        '',
        'Node.js v20.11.1',
      ],
      'Error: relation "custmers" does not exist',
    ],
    [
      'of Python',
      [
        'Traceback (most recent call last):',
        '  File "/suite/a.py", line 1, in <module>',
        '    int("x")',
        "ValueError: invalid literal for int() with base 10: 'x'",
      ],
      "ValueError: invalid literal for int() with base 10: 'x'",
    ],
    [
      'of Go',
      ['panic: assignment to entry in nil map', '', 'goroutine 1 [running]:', 'exit status 2'],
      'panic: assignment to entry in nil map',
    ],
    [
      'of psql',
      [
        'ERROR:  relation "custmers" does not exist',
        'LINE 1: select * from custmers',
        '                      ^',
      ],
      'ERROR:  relation "custmers" does not exist',
    ],
    [
      'of a script that npm ran',
      [
        'cannot find the fixture',
        'npm ERR! code ELIFECYCLE',
        'npm ERR! A complete log of this run is missing',
      ],
      'cannot find the fixture',
    ],
  ])('is that %s', (_, lines, expected) => {
    expect(tellingLine(lines.map(err), false)).toBe(expected);
  });

  it('is the last on stderr when none speaks of an error', () => {
    expect(tellingLine([err('giving up'), out('bye')], false)).toBe('giving up');
  });

  it('is the last one only where any line tells something', () => {
    expect(tellingLine([out('step 1'), out('step 2')], false)).toBeNull();
    expect(tellingLine([out('step 1'), out('step 2')], true)).toBe('step 2');
  });

  it('has no colours and is cut to 200 characters', () => {
    expect(tellingLine([err('\u001b[31mfatal: no\u001b[0m')], false)).toBe('fatal: no');
    expect(tellingLine([err(`error ${'x'.repeat(300)}`)], false)).toHaveLength(201);
  });

  it('is never one of Gantry', () => {
    expect(tellingLine([{ stream: 'system', text: 'error' }], true)).toBeNull();
  });
});
