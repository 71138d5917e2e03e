import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadProcessConfig } from '../config';
import { isDnsLabel } from '../suites/file/schema/names';

/** `gantry init`: a suite of one service and one test, in a folder of its own below the first suite root. */
export async function initSuite(name: string): Promise<void> {
  const isPath = name.includes('/') || name.includes('\\');
  const folder = path.resolve(isPath ? name : path.join(loadProcessConfig().suiteRoots[0] ?? 'suites', name));
  const id = path.basename(folder);
  if (!isDnsLabel(id)) {
    throw new Error(
      `"${id}" cannot be a suite's id: 1 to 63 lower-case letters, digits and "-", not first or last.`,
    );
  }
  await mkdir(path.dirname(folder), { recursive: true });
  await mkdir(folder).catch((error: unknown) => {
    throw new Error(`${folder} is there already, or cannot be made.`, { cause: error });
  });
  await mkdir(path.join(folder, 'profiles'));
  for (const [file, text] of Object.entries(filesOf(id))) await writeFile(path.join(folder, file), text);
  const shown = path.relative(process.cwd(), folder);
  console.log(`Made ${shown}. Run it with: npm run gantry -- run ${id}`);
}

function filesOf(id: string): Record<string, string> {
  return {
    'suite.yaml': `title: ${id}
defaults:
  # Made by \`npm run toolbox\`; any image will do.
  image: gantry/toolbox:local
  timeout: 1m
steps:
  api:
    kind: service
    run: [node, api.mjs]
    ports: [8080]
    ready: { http: 8080/healthz }
  smoke:
    kind: test
    run: |
      node --test-reporter spec --test-reporter-destination stdout \\
        --test-reporter junit --test-reporter-destination "$GANTRY_ARTIFACTS/junit.xml" smoke.test.mjs
    after: [api]
    export:
      - { path: junit.xml, format: junit }
`,
    'profiles/default.yaml': `default: true
env: { GREETING: Hello }
`,
    'api.mjs': `import { createServer } from 'node:http';

const server = createServer((request, response) => {
  response.end(request.url === '/healthz' ? 'ok' : process.env.GREETING);
});
// As a plain process it gets a port of its own, on this machine only.
const host = process.env.API_HOST === '127.0.0.1' ? '127.0.0.1' : undefined;
server.listen(Number(process.env.API_PORT), host, () => console.log('api listens'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`,
    'smoke.test.mjs': `import assert from 'node:assert/strict';
import { test } from 'node:test';

test('the api greets', async () => {
  const answer = await fetch(\`http://\${process.env.API_HOST}:\${process.env.API_PORT}/\`);
  assert.equal(await answer.text(), process.env.GREETING);
});
`,
  };
}
