import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { WebhookAttempt } from '../model/webhook';
import { type OutgoingClient, OutgoingFailure } from '../outgoing/client';
import type { FormedMessage } from './message-forms';

const limitMs = 15_000;

interface SendDependencies {
  clock: Clock;
  outgoing: Pick<OutgoingClient, 'request'>;
  /** Receivers may be at addresses that are not of the public internet. */
  allowsPrivateAddresses: boolean;
}

/**
 * One attempt. Any answer of the 200s within 15 s counts as delivered; redirects are not followed. Resolves also when it fails.
 */
export async function sendMessage(
  { clock, outgoing, allowsPrivateAddresses }: SendDependencies,
  message: FormedMessage,
  stopping: AbortSignal,
): Promise<WebhookAttempt> {
  const at = clock.now();
  const startMs = clock.monotonicMs();
  try {
    const { status } = await outgoing.request(message.url, {
      method: 'POST',
      headers: headersOf(message),
      body: message.body,
      limitMs,
      // Nothing that it says is read, and where it leads nobody follows.
      maxBytes: 0,
      maxRedirects: 0,
      addresses: allowsPrivateAddresses ? 'any' : 'public',
      signal: stopping,
    });
    return attemptOf(status, refusalOfStatus(status));
  } catch (error) {
    const isLate = error instanceof OutgoingFailure && error.why === 'late';
    return attemptOf(
      null,
      isLate ? `The receiver did not answer within ${limitMs / 1000} s.` : messageOf(error),
    );
  }

  function attemptOf(status: number | null, error: string | null): WebhookAttempt {
    return {
      at: at.toISOString(),
      status,
      error: error === null ? null : error.slice(0, 500),
      durationMs: Math.round(clock.monotonicMs() - startMs),
    };
  }
}

function refusalOfStatus(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `The receiver redirects (${status}), which is not followed.`;
  return `The receiver answered ${status}.`;
}

function headersOf({ headers: own }: FormedMessage): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'gantry',
    ...own,
  };
}
