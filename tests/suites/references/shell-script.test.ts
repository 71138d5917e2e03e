// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of a shell.
import { describe, expect, it } from 'vitest';
import { readShellScript } from '@/lib/suites/references/shell-script';

function wordsOf(source: string): string[][] {
  return readShellScript(source).commands.map((words) => words.map(({ text }) => text));
}

function namesIn(source: string): string[] {
  return readShellScript(source).expansions.map(({ name }) => name);
}

describe('a shell script', () => {
  it.each([
    [
      'npm ci && npm test',
      [
        ['npm', 'ci'],
        ['npm', 'test'],
      ],
    ],
    ['a; b | c & d\ne', [['a'], ['b'], ['c'], ['d'], ['e']]],
    ['node a.js # and so on; really', [['node', 'a.js']]],
    ['a \\\n  b c', [['a', 'b', 'c']]],
    [`echo 'a b' "c d"e f\\ g`, [['echo', 'a b', 'c de', 'f g']]],
    ['node a.js > out.txt 2>&1 < in.txt', [['node', 'a.js', '2']]],
    ['(cd x && ls)', [['cd', 'x'], ['ls']]],
    [
      'echo "$(cat a.txt) b"',
      [
        ['cat', 'a.txt'],
        ['echo', ' b'],
      ],
    ],
    ['x=`cat a.txt`', [['x='], ['cat', 'a.txt']]],
    ['echo "unfinished', [['echo', 'unfinished']]],
    ["echo 'unfinished", [['echo', 'unfinished']]],
    ['echo ${UNFINISHED', [['echo', '']]],
    ['', []],
  ])('is read into the words of its commands: %j', (source, words) => {
    expect(wordsOf(source)).toEqual(words);
  });

  it.each([
    ['echo $A ${B} "$C ${D%.js}" ${#E}', ['A', 'B', 'C', 'D', 'E']],
    [`echo '$A' \\$B "\\$C"`, []],
    ['echo $1 $$ $? $@ $* $! $-', []],
    ['echo "$(curl $A "$B")" `echo $C`', ['A', 'B', 'C']],
    ['echo ${A:-$B}', ['A', 'B']],
    ['x=$A; (echo $B)', ['A', 'B']],
    ['# $A\necho $B', ['B']],
    ['echo a#$B', ['B']],
  ])('tells which variables it expands: %j', (source, names) => {
    expect(namesIn(source)).toEqual(names);
  });

  it('tells which expansions provide for a variable that is not set', () => {
    const { expansions } = readShellScript(
      'echo ${A:-1} ${B-1} ${C:=1} ${D=1} ${E:+1} ${F+1} ${G:?no} ${H?no} ${I%x}',
    );
    expect(expansions.filter(({ hasDefault }) => hasDefault).map(({ name }) => name)).toEqual([...'ABCDEF']);
  });

  it.each(['cat <<END\n$A\nEND', 'echo ${!A}'])(
    'is obscure when what it says cannot be told: %j',
    (source) => {
      expect(readShellScript(source).isObscure).toBe(true);
    },
  );

  it('is read in time that grows with its length alone', () => {
    // Of a processor: what else runs on the machine does not count.
    const started = process.cpuUsage();
    readShellScript('"$('.repeat(2_000));
    readShellScript('${A:-'.repeat(2_000));
    readShellScript('echo $A "b" '.repeat(8_000));
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(2_000);
  });
});
