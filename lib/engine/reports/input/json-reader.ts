import type { Report } from '../../../model/report';
import type { ReportReader } from '../report-reader';

/** Formats that are one JSON value are parsed as a whole: they hold far less output than XML does. */
const maxJson = 64 * 1024 * 1024;

/** A reader of a format that is one JSON value. `read` throws an Error when the value is another format's. */
export function createJsonReader(read: (value: unknown) => Report): ReportReader {
  const pieces: string[] = [];
  let length = 0;
  return {
    write(text) {
      length += text.length;
      if (length > maxJson) throw new Error(`it is larger than ${maxJson / 1024 / 1024} MB`);
      pieces.push(text);
    },
    end() {
      const text = pieces.join('').trim();
      pieces.length = 0;
      if (text === '') throw new Error('it is empty');
      return read(parse(text.replace(/^\ufeff/, '')));
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const isCut = !/[}\]]$/.test(text);
    throw new Error(
      isCut ? 'it is cut off: its JSON does not end' : `its JSON is not valid: ${String(error)}`,
      {
        cause: error,
      },
    );
  }
}
