import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pullPackage, pushPackage } from '../dependencies/oci-package';
import { formatRef } from '../model/format-ref';
import { parseRef } from '../suites/file/schema/ref';
import { registryOptions } from './registry-options';
import { validSuite, withSuiteFolder } from './suite-folder';

/** `gantry push`: puts a suite on a registry and prints the ref that pins it. */
export function pushSuite(given: string, to: string): Promise<void> {
  return withSuiteFolder(given, async ({ folder, read }) => {
    const suite = validSuite(await read());
    const match = /^oci:\/\/([\w.-]+(?::\d+)?)\/([a-z0-9._/-]+?)(?::([\w][\w.-]{0,127}))?$/.exec(to);
    if (!match?.[1] || !match[2])
      throw new Error(`Expected oci://host/repository or oci://host/repository:tag, found ${to}.`);
    const tag =
      match[3] ?? suite.version ?? suite.packageDigest.slice('sha256:'.length, 'sha256:'.length + 16);
    const target = { host: match[1], repository: match[2], tag: tag.replace(/[^\w.-]/g, '-') };
    const ref = await pushPackage(registryOptions(), target, folder, suite);
    console.error(`Pushed ${suite.id} as ${target.repository}:${target.tag}. In dependencies.yaml it is:`);
    console.log(formatRef(ref));
  });
}

/** `gantry pull`: writes the files of a suite on a registry into a new folder. */
export async function pullSuite(from: string, given: string | undefined): Promise<void> {
  const parsed = parseRef(from, null);
  if (!('ref' in parsed) || parsed.ref.type !== 'oci') {
    throw new Error(`Expected oci://host/repository@sha256:…, found ${from}.`);
  }
  const folder = path.resolve(given ?? path.basename(parsed.ref.repository));
  await mkdir(folder).catch((error: unknown) => {
    throw new Error(`${folder} is there already, or cannot be made.`, { cause: error });
  });
  try {
    await pullPackage(registryOptions(), parsed.ref, folder);
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
  console.log(`Wrote ${path.relative(process.cwd(), folder)}.`);
}
