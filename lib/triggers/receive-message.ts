import { AppError, errorStatus, messageOf } from '../model/errors';
import type { ExecutionSummary } from '../model/execution';
import { type LaunchRequest, launchRequest } from '../model/launch';
import type { Logger } from '../model/logger';
import type { Trigger, TriggerOutcome } from '../model/trigger';
import type { Secrets } from '../secrets/secrets';
import type { Store } from '../store/store';
import { mapMessage } from './map-message';
import { checkSigned, type IncomingMessage, type VerifiedMessage, verifyMessage } from './verify-message';

export interface Receiver {
  logger: Logger;
  store: Pick<Store, 'triggers'>;
  secrets: Secrets;
  engine: {
    launch(
      request: LaunchRequest,
      author: string,
      idempotencyKey: string,
    ): Promise<{ summary: ExecutionSummary; created: boolean }>;
  };
}

/**
 * Launches what a signed message asks for, once. Rejects with `not_found` where no trigger is on, `unauthorized` where
 * the signature is wrong, `conflict` for a message that has launched already, and as a launch does.
 */
export async function receiveMessage(
  deps: Receiver,
  id: string,
  incoming: IncomingMessage,
): Promise<TriggerOutcome> {
  const { store, secrets, logger } = deps;
  const trigger = await store.triggers.get(id);
  if (!trigger?.enabled) throw new AppError('not_found', `There is no trigger ${id}, or it is turned off.`);
  checkSigned(trigger.provider, incoming);
  const secret = await secretOf({ secrets, logger }, trigger);
  const message = verify(deps, trigger, secret, incoming);
  const before = await store.triggers.delivery(id, message.key);
  if (before?.status === 'launched') throw replay(trigger, before.executionId);
  const mapped = mapMessage(trigger, message);
  if ('ignored' in mapped) {
    const outcome = { status: 'ignored', executionId: null, reason: mapped.ignored } as const;
    await store.triggers.record(id, message, outcome);
    return outcome;
  }
  const summary = await launch(deps, trigger, message, mapped.launch);
  const outcome = { status: 'launched', executionId: summary.id, reason: null } as const;
  // Of two that came at once, one is the first.
  if (!(await store.triggers.record(id, message, outcome))) throw replay(trigger, summary.id);
  logger.info({ trigger: id, execution: summary.id }, 'a trigger launched an execution');
  return outcome;
}

/** Who asks is not known yet, and is not told why. */
async function secretOf({ secrets, logger }: Pick<Receiver, 'secrets' | 'logger'>, trigger: Trigger) {
  let error = 'it is empty';
  try {
    const { secret } = await secrets.resolve([{ key: 'secret', from: trigger.secretFrom }]);
    // An empty one would let everybody in.
    if (secret) return secret;
  } catch (cause) {
    error = messageOf(cause);
  }
  logger.warn({ trigger: trigger.id, error }, 'the secret of a trigger could not be had');
  throw new AppError(
    'secret_unavailable',
    'The secret of this trigger cannot be had now. Its admins find the reason in the log of the server.',
  );
}

function verify(
  { logger }: Receiver,
  trigger: Trigger,
  secret: string,
  incoming: IncomingMessage,
): VerifiedMessage {
  try {
    return verifyMessage(trigger.provider, secret, incoming);
  } catch (error) {
    logger.warn({ trigger: trigger.id, error: messageOf(error) }, 'a message to a trigger was refused');
    throw error;
  }
}

/** What is wrong with the launch is kept for people to see; what passes by itself is left to the sender's next attempt. */
async function launch(
  { engine, store }: Receiver,
  trigger: Trigger,
  message: VerifiedMessage,
  given: LaunchRequest,
): Promise<ExecutionSummary> {
  try {
    const parsed = launchRequest.safeParse(given);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new AppError('bad_request', `The message gives ${issue?.path.join('.')}: ${issue?.message}.`);
    }
    const { summary } = await engine.launch(
      parsed.data,
      `trigger ${trigger.name}`,
      `trigger ${trigger.id} ${message.key}`,
    );
    return summary;
  } catch (error) {
    if (error instanceof AppError && errorStatus[error.code] < 500) {
      const reason = messageOf(error).slice(0, 2_000);
      await store.triggers.record(trigger.id, message, { status: 'refused', executionId: null, reason });
    }
    throw error;
  }
}

function replay({ name }: Trigger, executionId: string | null): AppError {
  return new AppError(
    'conflict',
    `This message came to trigger ${name} before and launched execution ${executionId}. It launches nothing again.`,
  );
}
