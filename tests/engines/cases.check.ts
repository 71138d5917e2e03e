import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { messageOf } from '@/lib/model/errors';
import { buildImageFolder } from '../support/build-image';
import { connectPlainly } from '../support/plain-api';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';
import type { Case } from './cases/case';
import { endCases } from './cases/ends';
import { outputCases, outputSuites } from './cases/output';
import { readinessCases, readinessSuites } from './cases/readiness';
import { stopCases, stopSuites } from './cases/stops';
import { casesFolder } from './folders';
import { runSuite } from './suite-run';

const images = {
  'cases/workdir:1': 'image-workdir',
  'cases/health:1': 'ok-health',
  'cases/nonroot:1': 'ok-nonroot',
};
const cases: Case[] = [...readinessCases, ...endCases, ...stopCases, ...outputCases];
const caseLimitMs = 240_000;

describe.each(['local', 'process'] as const)(
  'the suites of the cases folder on the backend %s',
  (backend) => {
    const wanted = cases.filter(({ onProcesses }) => backend === 'local' || onProcesses);
    let folder: string;
    let gantry: RunningGantry;

    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'gantry-cases-'));
      if (backend === 'local') {
        const docker = new Docker();
        await buildToolbox({ docker, log: () => undefined });
        for (const [tag, name] of Object.entries(images))
          await buildImageFolder(docker, tag, path.join(casesFolder, name, 'image'));
      }
      for (const { folder: name } of cases)
        await cp(path.join(casesFolder, name), path.join(folder, name), {
          recursive: true,
          verbatimSymlinks: true,
        });
      // Where the folder was copied without its link.
      await rm(path.join(folder, 'package-files', 'link.txt'));
      await symlink('real.txt', path.join(folder, 'package-files', 'link.txt'));
      for (const [id, suite] of Object.entries({ ...readinessSuites, ...stopSuites, ...outputSuites })) {
        await mkdir(path.join(folder, id));
        await writeFile(path.join(folder, id, 'suite.yaml'), JSON.stringify(suite));
      }
      gantry = await startGantry({ env: { GANTRY_SUITES: folder, GANTRY_PROCESS_BACKEND: '1' } });
    }, startLimitMs + 120_000);

    afterAll(async () => {
      await gantry?.stop();
      if (folder) await rm(folder, { recursive: true, force: true });
    });

    for (const { folder: name, title, run, check } of wanted) {
      it.concurrent(`${name}: ${title}`, { timeout: caseLimitMs }, async () => {
        const { url, token, dataFolder } = gantry;
        const api = { ...(await connectPlainly({ url, token, dataFolder })), backend };
        const ended = await (run ?? ((each) => runSuite(each, name)))(api).catch((error: unknown) => {
          throw new Error(`${messageOf(error)}\n${gantry.output().slice(-2_000)}`, { cause: error });
        });
        await check(ended, api);
        expect(ended.execution.receipt?.left).toEqual([]);
      });
    }
  },
);
