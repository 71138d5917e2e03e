import { AppError } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import { defaultWaitMs } from '../backend';
import type { NamedBody } from './creation';
import { podName } from './names';
import type { FetchedPackage } from './package-fetch';
import { maxBySecrets } from './packages';
import type { RunContext } from './run-context';

/** How long the token lasts beyond the time for which a queue of the cluster may hold the pod back. */
const tokenLifetimeMs = 60 * 60 * 1000;

/** What the pod of this attempt needs to fetch the suite's package: the token of one download is in a Secret. */
export async function orderPackage(
  { clock, settings: { controlPlaneUrl }, issuePackageToken }: RunContext,
  step: StepSpec,
  sha256: string,
  makeSecret: (secret: NamedBody) => Promise<void>,
  metadata: object,
): Promise<FetchedPackage> {
  if (controlPlaneUrl === null || !issuePackageToken) {
    const most = Math.floor(maxBySecrets / 1024 / 1024);
    throw new AppError(
      'backend_failed',
      `The suite's package is larger than ${most} MiB compressed, the most that goes by Secrets, and pods do not know where to fetch it: set controlPlaneUrl in the cluster's settings to the URL at which they reach Gantry, or put large files into an image.`,
    );
  }
  const digest = step.node.packageDigest;
  const expiresAt = new Date(
    clock.now().getTime() + tokenLifetimeMs + (step.waitTimeoutMs ?? defaultWaitMs),
  ).toISOString();
  const token = await issuePackageToken(digest, expiresAt);
  const name = `${podName(step)}-package`;
  await makeSecret({
    metadata: { name, ...metadata },
    data: { token: Buffer.from(token).toString('base64') },
  });
  const path = `/api/v1/packages/${digest}`;
  return { url: controlPlaneUrl.replace(/\/+$/, '') + path, sha256, tokenSecret: name };
}
