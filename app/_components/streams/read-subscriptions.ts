import { createParser } from 'eventsource-parser';
import type { SubscriptionNews } from '@/lib/model/stream-subscription';

/** One message of a subscription, its data not yet parsed. */
export interface SubscriptionItem {
  data: string;
  /** Where to go on after it; items with a name have none. */
  lastId?: number;
  name?: string;
}

export interface SubscriptionReader {
  onItems(subscription: string, items: SubscriptionItem[]): void;
  onNews(news: SubscriptionNews): void;
  /** Bytes have come, if only a ping. */
  onBytes(): void;
}

/**
 * Reads the stream of subscriptions up to its end. Rejects when it is cut off. Items that come together are handed over
 * together.
 */
export async function readSubscriptions(
  body: NonNullable<Response['body']>,
  reader: SubscriptionReader,
): Promise<void> {
  let subscription = '';
  let items: SubscriptionItem[] = [];
  const flush = () => {
    if (items.length > 0) reader.onItems(subscription, items);
    items = [];
  };
  const parser = createParser({
    onEvent({ event, id, data }) {
      if (event === 'end') return;
      if (event === 'subscription') {
        flush();
        const news: SubscriptionNews = JSON.parse(data);
        if (news.state === undefined) subscription = news.subscription;
        else reader.onNews(news);
      } else {
        items.push({
          data,
          ...(id === undefined ? {} : { lastId: Number(id) }),
          ...(event ? { name: event } : {}),
        });
      }
    },
  });
  const chunks = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await chunks.read();
    if (done) break;
    reader.onBytes();
    parser.feed(value);
    flush();
  }
}
