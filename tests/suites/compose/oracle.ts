import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildCases } from './cases/builds';
import type { ComposeCase } from './cases/compose-case';
import { flowCases } from './cases/flow';
import { languageCases } from './cases/language';
import { refusalCases } from './cases/refusals';
import { serviceCases } from './cases/services';

export const allCases: ComposeCase[] = [
  ...languageCases,
  ...serviceCases,
  ...buildCases,
  ...flowCases,
  ...refusalCases,
];

/** The Compose tool: `GANTRY_TEST_COMPOSE`, or where packages put its plugin; null when there is none. */
export function composeTool(): string | null {
  const known = [
    process.env.GANTRY_TEST_COMPOSE,
    '/usr/libexec/docker/cli-plugins/docker-compose',
    '/usr/lib/docker/cli-plugins/docker-compose',
  ];
  return known.find((file) => file !== undefined && existsSync(file)) ?? null;
}

export function filesOf({ files }: ComposeCase): Record<string, string> {
  return typeof files === 'string' ? { 'compose.yaml': files } : files;
}

/** What the tool answers to `config`: the configuration with `/suite` for the folder, or nothing when it refuses. */
export function askTool(tool: string, each: ComposeCase): unknown {
  const parent = mkdtempSync(path.join(tmpdir(), 'gantry-compose-'));
  const folder = path.join(parent, 'suite');
  try {
    for (const [file, text] of Object.entries(filesOf(each))) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    }
    const answer = execFileSync(tool, ['-p', 'demo', 'config', '--format', 'json'], {
      cwd: folder,
      env: { NODE_ENV: 'test', HOME: '/nonexistent', PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'pipe', 'ignore'],
      encoding: 'utf8',
    });
    // The tool doubles each dollar sign, so that its answer can be read again.
    const config = JSON.parse(
      answer.replaceAll(folder, '/suite').replaceAll(parent, '').replaceAll('$$', '$'),
    );
    return Object.fromEntries(Object.entries(config).filter(([key]) => !key.startsWith('x-')));
  } catch {
    return null;
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}
