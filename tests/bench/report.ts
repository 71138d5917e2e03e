import { isMet, type Measure, type RowResult } from './measure';

/** A row as it went: its result, or why there is none. */
export interface RowReport {
  name: string;
  /** Others used the machine when it began. */
  isDisturbed: boolean;
  seconds: number;
  result: RowResult | null;
  error: string | null;
}

export interface Report {
  machine: string;
  docker: string;
  database: string;
  startedAt: string;
  isQuick: boolean;
  rows: RowReport[];
}

const headings = ['row', 'floor', 'Gantry', 'ratio', 'target', 'met?'];

/** The table as Markdown, the notes under it. */
export function reportText(report: Report): string {
  const lines = report.rows.flatMap((row) => rowLines(row));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  const format = (cells: string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const notes = report.rows.flatMap(({ name, result, isDisturbed }) => [
    ...(isDisturbed ? [`- ${name}: others used the machine meanwhile; measure again.`] : []),
    ...(result?.notes ?? []).map((note) => `- ${name}: ${note}`),
  ]);
  return [
    `${report.machine}, Docker ${report.docker}, ${report.database}, ${report.startedAt}${report.isQuick ? ', quick' : ''}`,
    '',
    format(headings),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...lines.map(format),
    '',
    ...notes,
  ].join('\n');
}

/** As the table says it, for programs. */
export function reportJson(report: Report): string {
  const rows = report.rows.map((row) => ({
    ...row,
    result: row.result && {
      ...row.result,
      measures: row.result.measures.map((each) => ({ ...each, ratio: ratio(each), isMet: isMet(each) })),
    },
  }));
  return `${JSON.stringify({ ...report, rows }, null, 2)}\n`;
}

function rowLines({ name, result, error, isDisturbed }: RowReport): string[][] {
  if (!result) return [[name, '', '', '', '', `not measured: ${error}`]];
  if (result.notBuilt) return [[result.title, '', '', '', '', result.notBuilt]];
  return result.measures.map((measure) => {
    const met = isMet(measure);
    const times = ratio(measure);
    return [
      `${result.title}: ${measure.what}`,
      measure.floor === null ? '—' : amount(measure.floor, measure.unit),
      amount(measure.gantry, measure.unit),
      times === null ? '—' : `${times.toFixed(2)} ×`,
      targetText(measure),
      `${met === null ? '—' : met ? 'yes' : 'NO'}${isDisturbed && met !== null ? ' (disturbed)' : ''}`,
    ];
  });
}

function ratio({ floor, gantry }: Measure): number | null {
  return floor === null || floor <= 0 ? null : gantry / floor;
}

function targetText({ target, unit }: Measure): string {
  if (!target) return '—';
  if ('ratio' in target) return `≤ ${target.ratio.toFixed(2)} × floor`;
  return 'atMost' in target ? `≤ ${target.atMost} ${unit}`.trim() : `≥ ${target.atLeast} ${unit}`.trim();
}

function amount(value: number, unit: string): string {
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`.trim();
}
