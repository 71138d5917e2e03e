import type { CaseStatus } from '../../../model/report';
import { BoundedText } from '../cases/bounded-text';
import { createReportBuilder } from '../cases/report-builder';
import { readSeconds } from '../cases/seconds';
import { type Attributes, createXmlReader } from '../input/xml-reader';
import type { ReportReader } from '../report-reader';

const statuses: ReadonlyMap<string, CaseStatus> = new Map([
  ['Pass', 'passed'],
  ['Fail', 'failed'],
  ['Skip', 'skipped'],
  ['NotRun', 'skipped'],
]);

interface Open {
  attributes: Attributes;
  isTest: boolean;
  type: string | null;
  texts: Map<string, BoundedText>;
}

/** Reads the XML of xUnit.net, version 2 and 3 of its format. Errors outside of tests, in a fixture say, are cases. */
export function createXunitReader(): ReportReader {
  const builder = createReportBuilder('xunit');
  let assembly = '';
  let open: Open | null = null;
  let text: BoundedText | null = null;
  let hasRoot = false;

  const xml = createXmlReader({
    onOpen(name, attributes) {
      if (name === 'assemblies' || name === 'assembly') {
        hasRoot = true;
        assembly = (attributes.name ?? '').split(/[\\/]/).at(-1) ?? '';
      } else if (name === 'test' || name === 'error') {
        open = { attributes, isTest: name === 'test', type: null, texts: new Map() };
      } else if (name === 'failure' && open) open.type = attributes['exception-type'] ?? null;
      else if (open && ['message', 'stack-trace', 'output', 'reason'].includes(name)) {
        text = open.texts.get(name) ?? new BoundedText();
        open.texts.set(name, text);
      }
    },
    onText: (piece) => text?.add(piece),
    onClose(name) {
      if (['message', 'stack-trace', 'output', 'reason'].includes(name)) text = null;
      if (!open || name !== (open.isTest ? 'test' : 'error')) return;
      add(open);
      open = null;
    },
  });

  function add({ attributes, isTest, type, texts }: Open): void {
    const textOf = (name: string) => texts.get(name)?.toString() ?? '';
    const className = attributes.type ?? null;
    const name = attributes.name ?? '';
    const prefix = `${className}.`;
    const status = isTest ? (statuses.get(attributes.result ?? '') ?? 'errored') : 'errored';
    builder.add({
      name: name.startsWith(prefix) ? name.slice(prefix.length) : name || attributes.type || 'error',
      path: [assembly],
      className: isTest ? className : null,
      status,
      durationMs: readSeconds(attributes.time).ms,
      message: textOf('message') || textOf('reason'),
      details: textOf('stack-trace'),
      printed: textOf('output'),
      type,
    });
  }

  return {
    write: (piece) => xml.write(piece),
    end() {
      const damage = xml.end();
      if (!hasRoot) throw new Error(damage ?? 'expected the element assemblies');
      return builder.finish(damage);
    },
  };
}
