import { describe, expect, it } from 'vitest';
import { createLastLines, explainOutput } from '@/lib/engine/output-hints';
import type { Hardening } from '@/lib/model/hardening';
import { makePlan } from '../support/plan';

const [node] = makePlan({
  nodes: [
    { id: 's', exports: [{ path: 'reports/junit.xml', format: 'junit', on: 'always', required: true }] },
  ],
}).nodes;
if (!node) throw new Error('no node');

describe('what the last lines of a step tell about its end', () => {
  it.each([
    'touch: .pytest_cache/x: Read-only file system',
    "Error: EROFS: read-only file system, mkdir '/suite/node_modules/.cache'",
    "OSError: [Errno 30] Read-only file system: 'out'",
  ])('is that the files of the suite cannot be written: %s', (line) => {
    expect(explainOutput(node, ['starting', line], 'standard')?.sentence).toBe(
      'it tried to write where it must not: the files of the suite at /suite are read-only, so write to $GANTRY_ARTIFACTS or /tmp',
    );
  });

  it('is that a report was to be written beside the package', () => {
    const line = "[Error: ENOENT: no such file or directory, open 'reports/junit.xml']";
    expect(explainOutput(node, [line], 'standard')?.sentence).toBe(
      'it looked for reports/junit.xml in its working folder, which is read-only: write it to $GANTRY_ARTIFACTS/reports/junit.xml',
    );
  });

  it('is nothing where they say nothing of it', () => {
    expect(explainOutput(node, ['AssertionError: 3 is not 4'], 'standard')).toBeNull();
    const right = "ENOENT: no such file or directory, open '/gantry/artifacts/reports/junit.xml'";
    expect(explainOutput(node, [right], 'standard')).toBeNull();
  });

  it.each<[string, Hardening, string[] | 'none', string | null]>([
    [
      'chown: /var/lib/postgresql/data: Operation not permitted',
      'strict',
      [],
      'it was refused something, and this capability is withheld from it: CHOWN; `capabilities: [CHOWN]` in the step gives it, a backend with `hardening: standard` gives all that images usually need',
    ],
    [
      "error: failed switching to 'postgres': operation not permitted",
      'strict',
      [],
      'it was refused something, and these capabilities are withheld from it: SETGID, SETUID; `capabilities: [SETGID, SETUID]` in the step gives them, a backend with `hardening: standard` gives all that images usually need',
    ],
    [
      'ping: permission denied (are you root?)',
      'standard',
      [],
      'it was refused something, and this capability is withheld from it: NET_RAW; `capabilities: [NET_RAW]` in the step gives it',
    ],
    [
      'ping: permission denied (are you root?)',
      'strict',
      [],
      'it was refused something, and this capability is withheld from it: NET_RAW; a backend with `hardening: standard` gives what a step asks for of these',
    ],
    [
      'mkdir: cannot create directory: Permission denied',
      'strict',
      [],
      'it was refused something, and these capabilities are withheld from it: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, KILL, SYS_CHROOT; `capabilities: [CHOWN, DAC_OVERRIDE, FOWNER, SETGID, SETUID, NET_BIND_SERVICE, KILL]` in the step gives those, a backend with `hardening: standard` gives all that images usually need',
    ],
    [
      'nginx: [emerg] chown("/var/cache/nginx", 101) failed (1: Operation not permitted)',
      'standard',
      'none',
      'it was refused something, and this capability is withheld from it: CHOWN; leave `capabilities: none` out',
    ],
    ['mkdir: cannot create directory: Permission denied', 'standard', [], null],
    ['ping: bad address', 'standard', [], null],
    [
      'this must be run as root',
      'standard',
      [],
      'it wants to be root, and runs as the user of its image: `user: root` makes it root',
    ],
  ])('is what was withheld from it: %s, %s, %s', (line, level, capabilities, hint) => {
    expect(explainOutput({ ...node, capabilities }, ['starting', line], level)?.sentence ?? null).toBe(hint);
    expect(explainOutput({ ...node, capabilities }, ['starting', line], null)).toBeNull();
  });

  it('is looked for in the last of them, and not in those of Gantry', () => {
    const last = createLastLines();
    last.see([{ stream: 'stdout', atMs: 0, text: 'first' }]);
    last.see(
      Array.from({ length: 200 }, (_, at) => ({ stream: 'stderr' as const, atMs: at, text: `${at}` })),
    );
    last.see([{ stream: 'system', atMs: 200, text: 'stopping' }]);
    expect(last.texts()).toHaveLength(60);
    expect(last.texts().at(-1)).toBe('199');
  });
});
