import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** docs/suites.md as it is. */
export const documentation = readFileSync(
  fileURLToPath(new URL('../../../docs/suites.md', import.meta.url)),
  'utf8',
);

/** The YAML blocks of docs/suites.md that begin with the name of their file. Each suite.yaml begins a suite of its own. */
export function exampleSuites(): Record<string, string>[] {
  const suites: Record<string, string>[] = [];
  const block = /^```yaml\n# (\S+\.yaml)\n([\s\S]*?)^```$/gm;
  for (const [, file = '', content = ''] of documentation.matchAll(block)) {
    if (file === 'suite.yaml') suites.push({});
    const files = suites.at(-1);
    if (files) files[file] = content;
  }
  return suites;
}
