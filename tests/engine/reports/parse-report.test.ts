import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { detectFormat } from '@/lib/engine/reports/detect-format';
import { startParsing } from '@/lib/engine/reports/parse-report';
import { isTestReport } from '@/lib/model/report';
import { only, parse, read, readTests } from './read-report';

const junit = (name: string) => `<testsuite name="s"><testcase name="${name}" time="1"/></testsuite>`;
const nameIn = (bytes: Uint8Array) => only(readTests(bytes)).name;

describe('the encoding of a report', () => {
  const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

  it.each([
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${junit('größe')}`)],
    ['UTF-16, little end first', utf16(`<?xml version="1.0" encoding="UTF-16"?>${junit('größe')}`)],
    ['UTF-16, big end first', utf16(junit('größe')).swap16()],
    ['UTF-16 without a mark', utf16(`<?xml version="1.0" encoding="utf-16"?>${junit('größe')}`).subarray(2)],
    [
      'ISO-8859-1, as its declaration says',
      Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${junit('größe')}`, 'latin1'),
    ],
    [
      'a name of UTF-8 that some write',
      Buffer.from(`<?xml version="1.0" encoding="utf8"?>${junit('größe')}`),
    ],
    ['one that nobody knows', Buffer.from(`<?xml version="1.0" encoding="klingon"?>${junit('größe')}`)],
  ])('is found: %s', (_what, bytes) => {
    expect(nameIn(bytes)).toBe('größe');
    expect(readTests(bytes).damage).toBeNull();
  });

  it('has control characters replaced by their pictures, by number as well', () => {
    const bytes = Buffer.concat([
      Buffer.from('<testsuite><testcase name="a'),
      Buffer.from([0xff, 0x00]),
      Buffer.from('b&#27;&#x1;&nbsp;&amp;&"/></testsuite>'),
    ]);
    expect(nameIn(bytes)).toBe('a\ufffd␀b␛␁&nbsp;&&');
  });
});

describe('the format of a report', () => {
  const fixtures = path.join(import.meta.dirname, 'fixtures');
  const files = readdirSync(fixtures).filter(
    (name) => name !== 'index.json' && statSync(path.join(fixtures, name)).isFile(),
  );
  const formats: [RegExp, string][] = [
    [/cobertura|^coverage-py\.xml|^gcovr/, 'cobertura'],
    [/clover/, 'clover'],
    [/^jacoco/, 'jacoco'],
    [/^nunit/, 'nunit'],
    [/\.info$/, 'lcov'],
    [/\.cov$/, 'go-cover'],
    [/^simplecov/, 'simplecov'],
    [/\.tap$/, 'tap'],
    [/\.trx$/, 'trx'],
    [/^go-test/, 'go-test'],
    [/ctrf/, 'ctrf'],
    [/^playwright\.json/, 'playwright'],
    [/^cucumber\.json/, 'cucumber'],
    [/\.xml$/, 'junit'],
  ];

  it.each(files)('is told by its content: %s', (name) => {
    const expected = formats.find(([pattern]) => pattern.test(name))?.[1];
    expect(read(readFileSync(path.join(fixtures, name))).format).toBe(expected);
  });

  it.each([
    '',
    'hello',
    '<html></html>',
    '{"a":1}',
    '[1,2]',
    '<report><p/></report>',
    'ok then\nall is well',
    '{"config":{"a":1}}',
  ])('is none for %j', (text) => expect(detectFormat(text)).toBeNull());

  it.each(files)('is read alike in pieces of any length: %s', (name) => {
    const bytes = readFileSync(path.join(fixtures, name));
    const whole = parse(bytes);
    for (const length of [61, 1_024]) expect(parse(bytes, 'auto', length)).toEqual(whole);
  });
});

describe('a report in bounded memory', () => {
  const megabyte = 1024 * 1024;
  const line = '2026-01-01 12:00:00 INFO a line that is written while the test runs &<>\n';
  const text = line.repeat(Math.ceil((25 * megabyte) / line.length));

  it.each([
    ['a section', `<![CDATA[${text}]]>`],
    ['escaped', text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')],
  ])('keeps the beginning and the end of 25 MB of captured output: %s', (_what, written) => {
    const content = Buffer.from(
      `<testsuite name="s"><testcase name="a"><system-out>START${written}END</system-out></testcase></testsuite>`,
    );
    const parsing = startParsing('junit');
    const before = process.memoryUsage().rss;
    let peak = before;
    for (let at = 0; at < content.length; at += megabyte) {
      parsing.write(content.subarray(at, at + megabyte));
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    const parsed = parsing.end();
    if ('problem' in parsed || !isTestReport(parsed.report)) throw new Error('expected a report of tests');
    const { report } = parsed;
    const [output = ''] = report.outputs;
    expect(output.length).toBeLessThan(70_000);
    expect(output).toMatch(/^START2026-01-01[\s\S]*\n… \d+ characters are left out here …\n[\s\S]*<>\nEND$/);
    expect((peak - before) / megabyte).toBeLessThan(60);
  });

  it('keeps the messages of failing cases whose output is too much in all', () => {
    const failing = (n: number) =>
      `<testcase name="${n}"><failure message="m${n}">${'x'.repeat(60_000)}</failure></testcase>`;
    const report = readTests(
      `<testsuite>${Array.from({ length: 200 }, (_, n) => failing(n)).join('')}</testsuite>`,
    );
    expect(report.cases.map(({ message }) => message)).toEqual(
      Array.from({ length: 200 }, (_, n) => `m${n}`),
    );
    expect(report.outputs.join('').length).toBeLessThan(5 * megabyte);
    expect(report.outputs.at(-1)).toContain('The file is among the artifacts');
  });
});

describe('a hostile report', () => {
  const entities = (definitions: string, use: string) =>
    `<!DOCTYPE r [${definitions}]><testsuite><testcase name="${use}"/></testsuite>`;
  const letters = [...'abcdefghij'];
  const laughs = letters.map(
    (letter, level) => `<!ENTITY ${letter} "${level === 0 ? 'lol' : `&${letters[level - 1]};`.repeat(10)}">`,
  );

  it.each([
    ['an entity bomb', entities(laughs.join(''), '&j;')],
    ['an external entity', entities('<!ENTITY a SYSTEM "file:///etc/passwd">', '&a;')],
    [
      'a document type from elsewhere',
      '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd"><testsuite><testcase name="a"/></testsuite>',
    ],
    ['tags 50,000 deep', `${'<testsuite>'.repeat(50_000)}${'</testsuite>'.repeat(50_000)}`],
    [
      'names that are special in JavaScript',
      '<testsuite><testcase name="a" __proto__="x"/><__proto__ polluted="1"/></testsuite>',
    ],
    [
      'a million ampersands',
      `<testsuite><testcase name="a"><system-out>${'&'.repeat(1_000_000)}</system-out></testcase></testsuite>`,
    ],
    ['a name that is no name', `<testsuite>${'<'.repeat(1_000_000)}`],
    ['sections without an end', `<testsuite>${'\n</a><![CDATA[x'.repeat(20_000)}`],
    ['JSON 100,000 deep', `{"config":{"rootDir":""},"suites":${'['.repeat(100_000)}`],
    [
      'special keys in JSON',
      '{"results":{"tool":{},"tests":[{"name":"a","status":"passed","__proto__":{"polluted":1}}]}}',
    ],
    [
      'TAP 500 deep',
      Array.from({ length: 500 }, (_, n) => `${' '.repeat(n * 4)}# Subtest: x`)
        .join('\n')
        .concat('\n1..1\nok 1\n'),
    ],
    ['a line of 10 MB', `SF:a\nDA:${'1'.repeat(10_000_000)}\n`],
  ])('is answered soon, expands nothing and reads nothing: %s', (_what, content) => {
    const startMs = performance.now();
    const said = JSON.stringify(parse(content)).replace(/&{100,}/, '&');
    expect(performance.now() - startMs).toBeLessThan(30_000);
    expect(said.length).toBeLessThan(70_000);
    expect(said).not.toContain('root:');
    expect(said).not.toContain('lollol');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});
