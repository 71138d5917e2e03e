import type { Mapping } from '../syntax/places';
import { ComposeError } from '../syntax/problem';

const form =
  /^(?:(\[[0-9a-fA-F:.]+\]|\d+(?:\.\d+){3}|[0-9a-fA-F:]*::[0-9a-fA-F]*)?:)?(?:(\d*)(?:-(\d+))?:)?(\d+)(?:-(\d+))?(?:\/(\w+))?$/;
const expected = 'expected a port such as 80, "8080:80", "127.0.0.1:8080:80" or "9000-9002:9000-9002/udp"';

/** Reads the short form of a published port: one entry for each port of a range. Throws ComposeError. */
export function parsePorts(text: string): Mapping[] {
  const match = form.exec(text);
  if (!match) throw new ComposeError(`${expected}, found ${JSON.stringify(text)}`);
  const [, hostIp, from, to, first, last, protocol = 'tcp'] = match;
  const start = Number(first);
  const end = Number(last ?? first);
  const published = from ? { start: Number(from), end: Number(to ?? from) } : null;
  if (end < start || end > 65_535 || start < 1)
    throw new ComposeError(`${expected}, found ${JSON.stringify(text)}`);
  const targets = Array.from({ length: end - start + 1 }, (_, index) => start + index);
  const isRange = published !== null && published.end > published.start;
  if (isRange && targets.length > 1 && published.end - published.start !== end - start) {
    throw new ComposeError(`expected ranges of the same length, found ${JSON.stringify(text)}`);
  }
  return targets.map((target, index) => ({
    mode: 'ingress',
    ...(hostIp ? { host_ip: hostIp.replace(/^\[|\]$/g, '') } : {}),
    target,
    ...(published ? { published: publishedText(published, targets.length, index) } : {}),
    protocol: protocol.toLowerCase(),
  }));
}

function publishedText({ start, end }: { start: number; end: number }, count: number, index: number): string {
  if (count === 1) return end > start ? `${start}-${end}` : String(start);
  return String(start + index);
}
