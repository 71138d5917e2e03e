import { createWriteStream } from 'node:fs';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ApiClient } from '../../client/api-client';
import type { Execution } from '../../model/execution';
import type { Terminal } from '../terminal';
import { githubAnnotations } from './annotations';
import { markdownSummary } from './markdown-summary';

/** What a run leaves behind for a CI server. */
export interface ResultOptions {
  junit?: string;
  artifacts?: string;
  summary?: string;
  /** Where the suite is in the repository; a step sees it as `/suite`. */
  sourceFolder?: string;
}

const retryForMs = 60_000;

/** Writes the JUnit file, the artifacts and the summary that were asked for, and on GitHub the annotations. */
export async function saveResults(
  { api, terminal, json }: { api: ApiClient; terminal: Terminal; json: boolean },
  execution: Execution,
  options: ResultOptions,
): Promise<void> {
  const { junit, artifacts, sourceFolder = '' } = options;
  if (junit) await saveJunit(api, execution.id, path.resolve(junit));
  if (artifacts) await saveArtifacts(api, execution.id, path.resolve(artifacts));
  const summary = options.summary ?? terminal.env.GITHUB_STEP_SUMMARY;
  // GitHub shows the file of a step of a job whole: another run of the same step comes below.
  if (summary) await appendFile(summary, `${markdownSummary(execution, api.url, sourceFolder)}\n`);
  if (terminal.ci !== 'github' || json || execution.status === 'passed') return;
  for (const annotation of githubAnnotations(execution, sourceFolder)) terminal.print(annotation);
}

async function saveJunit(api: ApiClient, id: string, file: string): Promise<void> {
  const response = await api.download('/api/v1/executions/{id}/junit', { params: { id }, retryForMs });
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, Buffer.from(await response.arrayBuffer()));
}

/** As `FOLDER/STEP/PATH`, of the last attempt that exported a file of this path. */
async function saveArtifacts(api: ApiClient, id: string, folder: string): Promise<void> {
  const { items } = await api.get('/api/v1/executions/{id}/artifacts', { params: { id }, retryForMs });
  const ordered = [...items].sort((a, b) => a.attempt - b.attempt);
  const latest = new Map(ordered.map((item) => [`${item.stepId}/${item.path}`, item]));
  for (const [name, { id: artifact }] of latest) {
    const file = path.resolve(folder, name);
    if (!file.startsWith(folder + path.sep)) throw new Error(`The artifact ${name} leads out of ${folder}.`);
    const response = await api.download('/api/v1/executions/{id}/artifacts/{artifact}', {
      params: { id, artifact },
      retryForMs,
    });
    await mkdir(path.dirname(file), { recursive: true });
    if (!response.body) throw new Error(`The artifact ${name} came without content.`);
    await pipeline(response.body, createWriteStream(file));
  }
}
