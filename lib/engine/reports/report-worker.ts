import { serveRequests } from '../../threads/worker-host';
import { type ParsedReport, type ReportParsing, startParsing, type WantedFormat } from './parse-report';

/** The requests of the thread that parses reports. Several reports may be open at a time. */
export type ReportRequests = {
  begin: (input: { id: number; format: WantedFormat }) => boolean;
  write: (input: { id: number; piece: Uint8Array }) => boolean;
  end: (input: { id: number }) => ParsedReport;
};

const open = new Map<number, ReportParsing>();
/** The oldest beyond this number is dropped: nobody will end it. */
const maxOpen = 100;

serveRequests<ReportRequests>({
  begin({ id, format }) {
    const [oldest] = open.keys();
    if (open.size >= maxOpen && oldest !== undefined) open.delete(oldest);
    open.set(id, startParsing(format));
    return true;
  },
  write({ id, piece }) {
    parsing(id).write(piece);
    return true;
  },
  end({ id }) {
    const parsed = parsing(id).end();
    open.delete(id);
    return parsed;
  },
});

function parsing(id: number): ReportParsing {
  const found = open.get(id);
  if (!found) throw new Error('parsing was interrupted: another report needed too much memory or time');
  return found;
}
