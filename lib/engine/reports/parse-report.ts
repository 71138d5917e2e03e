import { messageOf } from '../../model/errors';
import { formatTitles, type Report, type ReportFormat } from '../../model/report';
import { detectFormat, headLength } from './detect-format';
import { readers } from './formats';
import { createTextDecoding } from './input/decode';
import type { ReportReader } from './report-reader';

/** `auto` stands for the format that the content tells. */
export type WantedFormat = ReportFormat | 'auto';

export type ParsedReport = { report: Report } | { problem: string };

const sliceLength = 64 * 1024;

/** Parses one report, given as bytes piece by piece. Blocks while it does; memory is bounded. */
export interface ReportParsing {
  write(bytes: Uint8Array): void;
  /** Never throws: what is wrong with the report is a sentence about it. */
  end(): ParsedReport;
}

export function startParsing(wanted: WantedFormat): ReportParsing {
  const decoding = createTextDecoding();
  let head = '';
  let reader: ReportReader | null = null;
  let problem: string | null = null;

  const attempt = (work: () => void) => {
    if (problem !== null) return;
    try {
      work();
    } catch (error) {
      problem = messageOf(error);
    }
  };
  const take = (text: string, isEnd: boolean) => {
    if (reader) return reader.write(text);
    head += text;
    if (head.length < headLength && !isEnd) return;
    reader = chooseReader(wanted, head);
    const given = head;
    head = '';
    reader.write(given);
  };

  return {
    write(bytes) {
      // In small slices, because every text that is made of a slice is garbage at once.
      for (let at = 0; at < bytes.length; at += sliceLength)
        attempt(() => take(decoding.write(bytes.subarray(at, at + sliceLength)), false));
    },
    end() {
      let report: Report | null = null;
      attempt(() => {
        take(decoding.end(), true);
        report = reader?.end() ?? null;
      });
      return report === null ? { problem: problem ?? 'it is empty' } : { report };
    },
  };
}

function chooseReader(wanted: WantedFormat, head: string): ReportReader {
  if (head.trim() === '') throw new Error('it is empty');
  const found = detectFormat(head);
  if (wanted === 'auto') {
    if (found === null) throw new Error('its content is in no format that Gantry reads');
    return readers[found]();
  }
  if (found !== null && found !== wanted) {
    throw new Error(`its content is ${formatTitles[found]}: set "format: ${found}" or "format: auto"`);
  }
  return readers[wanted]();
}

/** The noun for a report of this format in a sentence. */
export function formatTitle(format: WantedFormat): string {
  return format === 'auto' ? 'report' : `${formatTitles[format]} report`;
}
