// Compiles step-init.c for each architecture and writes step-init-programs.ts. Needs gcc for x86_64 and aarch64 (on
// Debian gcc-x86-64-linux-gnu and gcc-aarch64-linux-gnu). Run it after every change of step-init.c.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = path.dirname(fileURLToPath(import.meta.url));
const flags = [
  ...[
    '-Os',
    '-static',
    '-nostdlib',
    '-ffreestanding',
    '-fno-builtin',
    '-fno-stack-protector',
    '-fno-pie',
    '-no-pie',
  ],
  ...['-fno-asynchronous-unwind-tables', '-Wall', '-Wextra', '-Werror', '-s'],
  ...['-Wl,--build-id=none', '-Wl,-z,noseparate-code', '-Wl,-z,norelro', '-Wl,-z,noexecstack'],
];
const targets = { amd64: ['x86_64-linux-gnu-gcc'], arm64: ['aarch64-linux-gnu-gcc', '-mno-outline-atomics'] };

const scratch = mkdtempSync(path.join(tmpdir(), 'step-init-'));
try {
  const entries = Object.entries(targets).map(([architecture, [compiler, ...more]]) => {
    const program = path.join(scratch, architecture);
    const words = [...flags, ...more, '-o', program, path.join(folder, 'step-init.c')];
    const { status, error } = spawnSync(compiler, words, { stdio: 'inherit' });
    if (status !== 0) throw error ?? new Error(`${compiler} ended with ${status}`);
    return `  ${architecture}:\n    '${readFileSync(program).toString('base64')}',`;
  });
  writeFileSync(
    path.join(folder, 'step-init-programs.ts'),
    [
      '// Written by build.mjs from step-init.c.',
      '',
      '/** The program of step-init.c for each architecture, in base64. */',
      `export const stepInitPrograms = {\n${entries.join('\n')}\n} as const;`,
      '',
    ].join('\n'),
  );
} finally {
  rmSync(scratch, { recursive: true });
}
