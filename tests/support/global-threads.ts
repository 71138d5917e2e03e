import { fileURLToPath } from 'node:url';
import { makeThreadBundles } from '../../lib/threads/bundle.mjs';

/** Tests start hundreds of threads, which otherwise compile their sources each. */
export default async function setup(): Promise<void> {
  await makeThreadBundles(fileURLToPath(new URL('../..', import.meta.url)));
}
