import type { InputIssue } from '../model/errors';
import type { PlannedNode } from '../model/node';

/** Checks that the secrets that steps get as files are secrets of their profile. */
export function checkSecretFiles(nodes: readonly PlannedNode[], profile: string): InputIssue[] {
  return nodes.flatMap(({ id, container, secrets, source }) => {
    const missing = container.secretFiles.filter((key) => !secrets.some((secret) => secret.key === key));
    if (missing.length === 0) return [];
    const message = `${id} gets ${missing.join(', ')} as files, and the profile ${source?.profile ?? profile} has no secret of that key; name it in the profile's "secrets"`;
    return [{ path: `steps.${id}.secret_files`, message }];
  });
}
