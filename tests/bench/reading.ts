import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { parse as parseJunit } from 'junit2json';
import { startParsing } from '@/lib/engine/reports/parse-report';
import { isTestReport } from '@/lib/model/report-kind';
import type { Row } from './bench';
import { type Measure, median } from './measure';

const maxRatio = 1.2;
const pieceLength = 64 * 1024;
/** Small files are read as often as makes a time of some length. */
const bytesAtOnce = 2_000_000;
/** The code is compiled in them. */
const uncountedRounds = 4;

interface Input {
  what: string;
  contents: Buffer[];
  /** Null where readers differ in what they count: Gantry joins the tries of a case. */
  cases: number | null;
}

interface Reader {
  name: string;
  /** Answers how many cases it has found. */
  read(content: Buffer): Promise<number> | number;
}

/** Reading JUnit XML beside the readers that npm has for it, in turns, so that the machine is the same for all. */
export const reading: Row = {
  name: 'reading',
  async measure(bench) {
    const inputs: Input[] = [
      { what: '500 cases, 10 failed', contents: [madeReport(500, 10, '')], cases: 500 },
      { what: '20,000 cases, 300 failed', contents: [madeReport(20_000, 300, '')], cases: 20_000 },
      { what: '12 MB of output', contents: [madeReport(200, 3, output(12_000_000))], cases: 200 },
      await toolReports(),
    ];
    const measures: Measure[] = [];
    for (const input of inputs) {
      const [gantryMs, ...otherMs] = (await inTurns(input, bench.isQuick ? 5 : 15)).map(median);
      for (const [index, { name }] of otherReaders.entries())
        measures.push({
          what: `${input.what}, beside ${name}`,
          unit: 'ms',
          floor: otherMs[index] ?? null,
          gantry: gantryMs ?? Number.NaN,
          target: { ratio: maxRatio },
        });
    }
    return {
      title: 'Reading JUnit XML',
      measures,
      notes: [
        'Gantry decodes, tells the format and makes its cases, with identity, state and bounded output; the floors are objects of the elements.',
        'The medians of reads in turns on one thread; a small file is read several times.',
      ],
    };
  },
};

const gantry: Reader = {
  name: 'Gantry',
  read(content) {
    const parsing = startParsing('junit');
    for (let at = 0; at < content.length; at += pieceLength)
      parsing.write(content.subarray(at, at + pieceLength));
    const parsed = parsing.end();
    if ('problem' in parsed || !isTestReport(parsed.report)) throw new Error('expected a report of tests');
    return parsed.report.cases.length;
  },
};

const otherReaders: Reader[] = [
  {
    name: 'junit2json',
    async read(content) {
      const report = await parseJunit(content);
      return countCases(report, 'testcase');
    },
  },
  {
    name: 'fast-xml-parser',
    read(content) {
      const parser = new XMLParser({ ignoreAttributes: false, processEntities: true });
      return countCases(parser.parse(content), 'testcase');
    },
  },
];

/** The times of each reader, Gantry first. */
async function inTurns({ contents, cases }: Input, rounds: number): Promise<number[][]> {
  const readers = [gantry, ...otherReaders];
  const times = readers.map((): number[] => []);
  const bytes = contents.reduce((sum, { length }) => sum + length, 0);
  const repeats = Math.max(1, Math.round(bytesAtOnce / bytes));
  for (let round = -uncountedRounds; round < rounds; round += 1) {
    for (const [index, { name, read }] of readers.entries()) {
      const start = performance.now();
      let found = 0;
      for (let repeat = 0; repeat < repeats; repeat += 1)
        for (const content of contents) found += await read(content);
      if (round >= 0) times[index]?.push((performance.now() - start) / repeats);
      if (cases === null ? found === 0 : found !== cases * repeats)
        throw new Error(`${name} finds ${found / repeats} cases, expected ${cases ?? 'some'}`);
    }
  }
  return times;
}

function countCases(value: unknown, key: string): number {
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + countCases(each, key), 0);
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  for (const [name, child] of Object.entries(value)) {
    if (name === key) count += Array.isArray(child) ? child.length : 1;
    else count += countCases(child, key);
  }
  return count;
}

/** The reports of real tools that the tests have, those aside that are no JUnit or no whole XML. */
async function toolReports(): Promise<Input> {
  const folder = path.join(import.meta.dirname, '../engine/reports/fixtures');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.xml'));
  const contents: Buffer[] = [];
  for (const name of names.sort()) {
    const content = await readFile(path.join(folder, name));
    if (/<testsuites?[\s>]/.test(content.toString()) && XMLValidator.validate(content.toString()) === true)
      contents.push(content);
  }
  return { what: `${contents.length} reports of real tools`, contents, cases: null };
}

function madeReport(count: number, failed: number, printed: string): Buffer {
  const trace = '    at Object.check (tests/orders.test.ts:12:34)\n'.repeat(30);
  const cases = Array.from({ length: count }, (_, index) => {
    const failure = `<failure message="expected 200, got ${500 + index}" type="AssertionError">${trace}</failure>`;
    return `    <testcase name="case ${index} [seed=${index * 7919}]" classname="shop.OrderTest" time="0.0${index % 10}">${index < failed ? failure : ''}</testcase>\n`;
  });
  return Buffer.from(
    `<?xml version="1.0"?>\n<testsuites>\n  <testsuite name="orders" tests="${count}" failures="${failed}">\n${cases.join('')}${printed ? `<system-out><![CDATA[${printed}]]></system-out>` : ''}</testsuite>\n</testsuites>\n`,
  );
}

function output(length: number): string {
  const line = '2026-01-01 12:00:00 INFO raft - a line of the log that is written while the test runs &<>\n';
  return line.repeat(Math.ceil(length / line.length));
}
