import { describe, expect, it } from 'vitest';
import { type WebhookForm, type WebhookMessage, webhookRequest } from '@/lib/model/webhook';
import { formMessage } from '@/lib/webhooks/message-forms';

const data: WebhookMessage['data'] = {
  executionId: 'e1',
  suiteId: 'shop',
  title: 'Shop <b> & co',
  profile: 'quick',
  backend: 'local',
  status: 'failed',
  author: 'ana',
  createdAt: '2026-01-01T02:30:00.000Z',
  finishedAt: '2026-01-01T02:31:07.412Z',
  cause: 'cart: exit code 1',
  labels: { commit: 'abc1234' },
};

function form(name: WebhookForm, url: string, change: Partial<WebhookMessage['data']> = {}) {
  const formed = formMessage({
    webhook: { form: name, url },
    id: 'msg_1',
    message: { type: 'execution.failed', timestamp: data.finishedAt, data: { ...data, ...change } },
    secret: 'T0/B0/key',
    at: new Date(0),
    publicUrl: 'https://gantry.example/',
  });
  return { ...formed, body: JSON.parse(formed.body) };
}

describe('a message', () => {
  it('for Slack is a text with a link, and its secret is in the path alone', () => {
    const { url, body, headers } = form('slack', 'https://hooks.slack.com/services/{secret}');
    expect(url).toBe('https://hooks.slack.com/services/T0/B0/key');
    expect(headers).toEqual({});
    expect(body.text).toBe('Shop &lt;b&gt; &amp; co (quick): failed');
    expect(body.blocks[0].text.text).toBe(
      '*<https://gantry.example/executions/e1|Shop &lt;b&gt; &amp; co (quick): failed>*\ncart: exit code 1\nafter 1:07 on local, by ana',
    );
  });

  it('for Mattermost is an attachment, for Teams an Adaptive Card', () => {
    const [attachment] = form('mattermost', 'https://chat.example/hooks/{secret}').body.attachments;
    expect(attachment).toMatchObject({
      color: '#c62828',
      title: 'Shop <b> & co (quick): failed',
      title_link: 'https://gantry.example/executions/e1',
    });
    const [card] = form('teams', 'https://x.example/{secret}', { profile: 'default' }).body.attachments;
    expect(card.contentType).toBe('application/vnd.microsoft.card.adaptive');
    expect(card.content.body[0].text).toBe('Shop <b> & co: failed');
    expect(card.content.actions[0].url).toBe('https://gantry.example/executions/e1');
  });

  it.each([
    ['passed', 'success', 'success'],
    ['failed', 'failure', 'failed'],
    ['timed_out', 'failure', 'failed'],
    ['errored', 'error', 'failed'],
  ])(
    'of an execution that is %s is the commit status %s on GitHub and %s on GitLab',
    (status, github, gitlab) => {
      expect(form('github', 'https://api.github.com/repos/shop/checkout', { status })).toEqual({
        url: 'https://api.github.com/repos/shop/checkout/statuses/abc1234',
        headers: { authorization: 'Bearer T0/B0/key', accept: 'application/vnd.github+json' },
        body: {
          state: github,
          context: 'gantry/shop',
          description: 'cart: exit code 1',
          target_url: 'https://gantry.example/executions/e1',
        },
      });
      const { url, headers, body } = form('gitlab', 'https://gitlab.com/api/v4/projects/7/', { status });
      expect(url).toBe('https://gitlab.com/api/v4/projects/7/statuses/abc1234');
      expect(headers).toEqual({ 'private-token': 'T0/B0/key' });
      expect(body).toMatchObject({ state: gitlab, name: 'gantry/shop' });
    },
  );

  it('to a chat keeps the secret out of the URL that is stored', () => {
    const request = { name: 'chat', secretFrom: 'env:A', events: ['execution.failed'], form: 'slack' };
    const read = (url: string) => webhookRequest.safeParse({ ...request, url }).success;
    expect(read('https://hooks.slack.com/services/{secret}')).toBe(true);
    expect(read('https://hooks.slack.com/services/T0/B0/key')).toBe(false);
    expect(read('https://{secret}.example/x')).toBe(false);
  });
});
