import { Webhook as Signer } from 'standardwebhooks';
import type { Webhook, WebhookMessage } from '../model/webhook';

/** What is posted. */
export interface FormedMessage {
  url: string;
  headers: Record<string, string>;
  body: string;
}

interface Given {
  webhook: Pick<Webhook, 'form' | 'url'>;
  /** The `webhook-id`. */
  id: string;
  message: WebhookMessage;
  secret: string;
  at: Date;
  /** Where browsers reach Gantry; null: messages have no link. */
  publicUrl: string | null;
}

/** Puts a message into the form that its receiver takes: signed, with a token, or with the secret in its address. */
export function formMessage(given: Given): FormedMessage {
  const { webhook, message, secret } = given;
  const url = webhook.url.replaceAll('{secret}', () => encodeURI(secret));
  switch (webhook.form) {
    case 'gantry':
      return signed(given);
    case 'slack':
      return { url, headers: {}, body: JSON.stringify(slack(given)) };
    case 'mattermost':
      return { url, headers: {}, body: JSON.stringify(mattermost(given)) };
    case 'teams':
      return { url, headers: {}, body: JSON.stringify(teams(given)) };
    case 'github':
      return {
        url: statusUrl(webhook.url, message),
        headers: { authorization: `Bearer ${secret}`, accept: 'application/vnd.github+json' },
        body: JSON.stringify({ ...status(given, githubStates), context: `gantry/${message.data.suiteId}` }),
      };
    case 'gitlab':
      return {
        url: statusUrl(webhook.url, message),
        headers: { 'private-token': secret },
        body: JSON.stringify({ ...status(given, gitlabStates), name: `gantry/${message.data.suiteId}` }),
      };
  }
}

function signed({ webhook, id, message, secret, at }: Given): FormedMessage {
  const body = JSON.stringify(message);
  const signer = secret.startsWith('whsec_') ? new Signer(secret) : new Signer(secret, { format: 'raw' });
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signer.sign(id, at, body),
  };
  return { url: webhook.url, headers, body };
}

const words: Record<string, string> = { timed_out: 'timed out' };
const colours: Record<string, string> = { passed: '#2e7d32', failed: '#c62828', timed_out: '#c77700' };

function headline({ data }: WebhookMessage): string {
  const profile = data.profile === 'default' ? '' : ` (${data.profile})`;
  return `${data.title}${profile}: ${words[data.status] ?? data.status}`;
}

function details({ data }: WebhookMessage): string {
  const seconds = Math.round((Date.parse(data.finishedAt) - Date.parse(data.createdAt)) / 1_000);
  const cause = data.cause ? `${data.cause}\n` : '';
  return `${cause}after ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} on ${data.backend}, by ${data.author}`;
}

function linkOf({ message, publicUrl }: Given): string | null {
  return publicUrl === null
    ? null
    : `${publicUrl.replace(/\/+$/, '')}/executions/${message.data.executionId}`;
}

function slack(given: Given): object {
  const quoted = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const title = quoted(headline(given.message));
  const link = linkOf(given);
  const linked = link === null ? `*${title}*` : `*<${link}|${title.replaceAll('|', '/')}>*`;
  const text = `${linked}\n${quoted(details(given.message))}`;
  return { text: title, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: text.slice(0, 3_000) } }] };
}

function mattermost(given: Given): object {
  const link = linkOf(given);
  const title = headline(given.message);
  return {
    attachments: [
      {
        fallback: title,
        color: colours[given.message.data.status] ?? '#6a1b9a',
        title,
        ...(link === null ? {} : { title_link: link }),
        text: details(given.message).slice(0, 4_000),
      },
    ],
  };
}

/** An Adaptive Card, as the Workflows of Teams take it. */
function teams(given: Given): object {
  const link = linkOf(given);
  const text = (content: string, more: object = {}) => ({
    type: 'TextBlock',
    text: content,
    wrap: true,
    ...more,
  });
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      text(headline(given.message), { weight: 'Bolder', size: 'Medium' }),
      text(details(given.message).slice(0, 4_000)),
    ],
    actions: link === null ? [] : [{ type: 'Action.OpenUrl', title: 'Open in Gantry', url: link }],
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}

const githubStates = { passed: 'success', failed: 'failure', timed_out: 'failure', other: 'error' };
/** GitLab knows no errors. */
const gitlabStates = { passed: 'success', failed: 'failed', timed_out: 'failed', other: 'failed' };

function status(given: Given, states: Record<string, string> & { other: string }): object {
  const { data } = given.message;
  const link = linkOf(given);
  return {
    state: states[data.status] ?? states.other,
    description: (data.cause ?? words[data.status] ?? data.status).slice(0, 140),
    ...(link === null ? {} : { target_url: link }),
  };
}

function statusUrl(project: string, { data }: WebhookMessage): string {
  return `${project.replace(/\/+$/, '')}/statuses/${encodeURIComponent(data.labels?.commit ?? '')}`;
}
