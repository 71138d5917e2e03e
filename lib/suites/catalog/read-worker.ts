import { existsSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { serveRequests } from '../../threads/worker-host';
import { digestPackage, hashFiles } from '../package/digest';
import { listPackage } from '../package/files';
import { fingerprintFolder } from '../package/fingerprint';
import { mainFiles } from '../read-main';
import { type ReadSuite, readSuite } from '../read-suite';

/** The requests that the reading thread answers. Paths are absolute. */
export type ReadRequests = {
  /** Lists the folders with a suite.yaml or a Compose file directly below a root, in order of name; null when there is no such root. */
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
      .filter((folder) => mainFiles.some((file) => existsSync(path.join(folder, file))));
  },
  fingerprint: fingerprintFolder,
  read: readSuite,
  digest: (folder) => {
    const { files, problems } = listPackage(folder);
    return problems.length > 0 ? null : digestPackage(folder, files);
  },
  hashes: (folder) => hashFiles(folder, listPackage(folder).files),
};

serveRequests(requests);
