import type { SecretReference } from '../../model/secret';
import type { Database } from './database';

/** See `JobStore.unmaskedSecrets`. */
export async function readUnmaskedSecrets(
  { sql }: Database,
  jobId: string,
  agentId: string,
): Promise<SecretReference[]> {
  const rows = await sql<{ secret: SecretReference }[]>`
    select secret from agent_jobs j, jsonb_array_elements(j.spec->'node'->'secrets') secret
    where j.id = ${jobId} and j.kind = 'step'
      and exists (select from agents where id = ${agentId} and instance is null)
    union
    select secret from agent_jobs j join plans p on p.execution_id = j.spec->>'executionId',
      jsonb_array_elements(p.plan->'nodes') node, jsonb_array_elements(node->'secrets') secret
    where j.id = ${jobId} and j.kind = 'exec'`;
  return rows.map(({ secret }) => secret);
}

/** See `JobStore.givenSecrets`. */
export async function readSecretsOfAgent(
  { sql }: Database,
  executionId: string,
  agentId: string,
): Promise<SecretReference[]> {
  const rows = await sql<{ secret: SecretReference }[]>`
    select distinct secret from agent_jobs j, jsonb_array_elements(j.spec->'node'->'secrets') secret
    where j.execution_id = ${executionId} and j.kind = 'step' and ${agentId} = any(j.holders)`;
  return rows.map(({ secret }) => secret);
}
