import { createParser } from 'eventsource-parser';
import type { TopicNews } from '@/lib/model/stream-topic';

/** One message of a topic, its data not yet parsed. */
export interface TopicItem {
  data: string;
  /** Where to go on after it; items with a name have none. */
  lastId?: number;
  name?: string;
}

export interface TopicReader {
  onItems(topic: string, items: TopicItem[]): void;
  onNews(news: TopicNews): void;
  /** Bytes have come, if only a ping. */
  onBytes(): void;
}

/**
 * Reads the stream of topics up to its end. Resolves with whether the server ended it; rejects when it is cut off. Items
 * that come together are handed over together.
 */
export async function readTopics(body: NonNullable<Response['body']>, reader: TopicReader): Promise<boolean> {
  let topic = '';
  let hasEnded = false;
  let items: TopicItem[] = [];
  const flush = () => {
    if (items.length > 0) reader.onItems(topic, items);
    items = [];
  };
  const parser = createParser({
    onEvent({ event, id, data }) {
      if (event === 'end') hasEnded = true;
      else if (event === 'topic') {
        flush();
        const news: TopicNews = JSON.parse(data);
        if (news.state === undefined) topic = news.topic;
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
  return hasEnded;
}
