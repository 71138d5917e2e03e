// Turns what V8 noted in NODE_V8_COVERAGE about one source file into Cobertura: node to-cobertura.mjs FILE
// V8 gives ranges of characters with a count, inner ones after the outer ones that they correct.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [file] = process.argv.slice(2);
const source = readFileSync(file, 'utf8');
const hits = countHits(source, readRanges(pathToFileURL(path.resolve(file)).href));
const covered = hits.filter(({ count }) => count > 0).length;
const rate = hits.length === 0 ? 1 : covered / hits.length;

const folder = path.join(process.env.GANTRY_ARTIFACTS, 'coverage');
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, 'cobertura.xml'), toXml());
console.log(`${file}: ${covered} of ${hits.length} lines covered`);

/** The functions' ranges of every process that ran the file. */
function readRanges(url) {
  const reports = readdirSync(process.env.NODE_V8_COVERAGE).map((name) =>
    JSON.parse(readFileSync(path.join(process.env.NODE_V8_COVERAGE, name), 'utf8')),
  );
  const scripts = reports.flatMap(({ result }) => result.filter((script) => script.url === url));
  if (scripts.length === 0) throw new Error(`no test ran ${file}`);
  return scripts.map(({ functions }) => functions.flatMap(({ ranges }) => ranges));
}

/** How often each line with code on it ran: as often as its first character, over all processes. */
function countHits(text, processes) {
  let offset = 0;
  return text.split('\n').flatMap((line, index) => {
    const start = offset + line.length - line.trimStart().length;
    offset += line.length + 1;
    if (!/[a-z]/i.test(line) || /^\s*(\/\/|\/?\*)/.test(line)) return [];
    const count = processes.reduce((sum, ranges) => sum + countAt(ranges, start), 0);
    return [{ number: index + 1, count }];
  });
}

/** The narrowest range around the character decides. */
function countAt(ranges, offset) {
  const around = ranges.filter(({ startOffset, endOffset }) => startOffset <= offset && offset < endOffset);
  const narrowest = around.sort((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset))[0];
  return narrowest?.count ?? 0;
}

function toXml() {
  const lines = hits.map(({ number, count }) => `          <line number="${number}" hits="${count}"/>`);
  return `<?xml version="1.0"?>
<coverage line-rate="${rate.toFixed(4)}" lines-covered="${covered}" lines-valid="${hits.length}" version="1">
  <packages>
    <package name="${path.dirname(file)}" line-rate="${rate.toFixed(4)}">
      <classes>
        <class name="${path.basename(file)}" filename="${file}" line-rate="${rate.toFixed(4)}">
          <lines>
${lines.join('\n')}
          </lines>
        </class>
      </classes>
    </package>
  </packages>
</coverage>
`;
}
