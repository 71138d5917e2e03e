import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** docs/suites.md as it is. */
export const documentation = readFileSync(
  fileURLToPath(new URL('../../../docs/suites.md', import.meta.url)),
  'utf8',
);

const block = /^```(yaml|dockerfile|sh)\n(?:# (\S+)\n)?([\s\S]*?)^```$/gm;

/**
 * The suites of docs/suites.md, by the files of each: the blocks that begin with a file's name. Each suite.yaml begins a
 * suite of its own, to which the YAML after it belongs. Other files are in every suite that comes after them.
 */
export function exampleSuites(): Record<string, string>[] {
  const suites: Record<string, string>[] = [];
  const carried: Record<string, string> = {};
  for (const [, language, file, content = ''] of documentation.matchAll(block)) {
    if (file === undefined) continue;
    if (language !== 'yaml') carried[file] = content;
    else if (file === 'suite.yaml') suites.push({ ...carried, [file]: content });
    else Object.assign(suites.at(-1) ?? {}, { [file]: content });
  }
  return suites;
}

/** The YAML blocks of docs/suites.md that name no file of a suite. */
export function unnamedExamples(): string[] {
  return [...documentation.matchAll(block)].flatMap(([, language, file, content = '']) =>
    language === 'yaml' && !file?.endsWith('.yaml') ? [`${file ?? ''} ${content}`] : [],
  );
}
