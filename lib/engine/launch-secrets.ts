import { AppError } from '../model/errors';
import type { Plan } from '../model/plan';
import { explainUnusable, launchPlace, launchSource, type SecretReference } from '../model/secret';
import type { SecretSeal } from '../secrets/secrets';

type Brought = Readonly<Record<string, string>>;

/** Throws AppError `secret_missing`, naming every secret of a launch that cannot be used. No message has a value in it. */
export function checkLaunchSecrets(brought: Brought): void {
  const issues = Object.entries(brought).flatMap(([key, value]) => {
    const problem = explainUnusable(value);
    return problem === null ? [] : [{ path: `secrets.${key}`, message: problem }];
  });
  if (issues.length === 0) return;
  const sentence = issues.map(({ path, message }) => `${path.slice(8)} (${message})`).join('; ');
  throw new AppError('secret_missing', `The launch brings secrets that cannot be used: ${sentence}.`, {
    issues,
  });
}

/** Tells whether the launch itself brings the value. */
export function isBrought({ from }: SecretReference): boolean {
  return from.startsWith(`${launchSource}:`);
}

/** The plan with the place at which this execution's secrets of the launch are found. */
export function placeLaunchSecrets(plan: Plan, executionId: string): Plan {
  const place = (secret: SecretReference) =>
    isBrought(secret)
      ? { ...secret, from: launchPlace(executionId, secret.from.slice(launchSource.length + 1)) }
      : secret;
  return { ...plan, nodes: plan.nodes.map((node) => ({ ...node, secrets: node.secrets.map(place) })) };
}

export function sealLaunchSecrets(
  seal: SecretSeal,
  executionId: string,
  brought: Brought,
): { key: string; sealed: Uint8Array }[] {
  return Object.entries(brought).map(([key, value]) => ({
    key,
    sealed: seal.seal(value, `${executionId}/${key}`),
  }));
}

/** Throws AppError `secret_missing` when a rerun does not bring what was brought before. */
export function checkBroughtAgain(id: string, plan: Plan, brought: Brought): void {
  const missing = (plan.launchValues?.secrets ?? []).filter((key) => !Object.hasOwn(brought, key));
  if (missing.length === 0) return;
  const options = missing.map((key) => `--secret ${key}=env:NAME`).join(' ');
  throw new AppError(
    'secret_missing',
    `Execution ${id} was launched with ${missing.join(', ')}, and secrets are not kept for later: bring them again (${options}, or \`secrets\` in the request).`,
  );
}
