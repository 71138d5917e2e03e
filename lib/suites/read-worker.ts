import { existsSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { answerQuestions } from '../threads/answer-questions';
import { fingerprintFolder } from './fingerprint';
import { digestPackage, hashFiles } from './package-digest';
import { listPackage } from './package-files';
import { type ReadSuite, readSuite } from './read-suite';

/** What the reading thread can be asked. Paths are absolute. */
export type ReadRequests = {
  /** The folders with a suite.yaml directly below a root, in order of name; null when there is no such root. */
  folders: (root: string) => string[] | null;
  fingerprint: (folder: string) => string;
  read: (folder: string) => ReadSuite;
  digest: (folder: string) => string | null;
  hashes: (folder: string) => Record<string, string>;
};

const requests: ReadRequests = {
  folders: (root) => {
    if (!existsSync(root)) return null;
    const real = realpathSync(root);
    return readdirSync(real)
      .sort()
      .map((name) => path.join(real, name))
      .filter((folder) => existsSync(path.join(folder, 'suite.yaml')));
  },
  fingerprint: fingerprintFolder,
  read: readSuite,
  digest: (folder) => {
    const { files, problems } = listPackage(folder);
    return problems.length > 0 ? null : digestPackage(folder, files);
  },
  hashes: (folder) => hashFiles(folder, listPackage(folder).files),
};

answerQuestions(requests);
