import Docker from 'dockerode';
import { createParser } from 'eventsource-parser';
import type { ExecProgress } from '@/lib/model/environment';
import type { TestControlPlane } from './control-plane';
import { onDatabase } from './plain-agent';

type Item = ExecProgress | { type: 'error'; code: string; detail: string };

/** A command that the API was asked to run, as whoever asked sees it. */
export interface AskedCommand {
  items: Item[];
  printed(): string;
  /** Resolves once the condition holds; rejects with all that came when the command is over before. */
  until(condition: (command: AskedCommand) => boolean): Promise<void>;
  leave(): void;
  /** Resolves with all that came, when nothing more will. */
  over: Promise<Item[]>;
}

export function askFor(
  plane: Pick<TestControlPlane, 'call'>,
  id: string,
  resource: string,
  command: string,
): AskedCommand {
  const left = new AbortController();
  let watchers: (() => void)[] = [];
  let isOver = false;

  async function follow(): Promise<Item[]> {
    try {
      const response = await plane.call(`/api/v1/sandboxes/${id}/exec`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ resource, command }),
        signal: left.signal,
      });
      const parser = createParser({
        onEvent({ event, data }) {
          if (event !== 'end') asked.items.push(JSON.parse(data));
          for (const watcher of watchers) watcher();
        },
      });
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
    } catch (error) {
      if (!left.signal.aborted) throw error;
    } finally {
      isOver = true;
      for (const watcher of watchers) watcher();
    }
    return asked.items;
  }

  const asked: AskedCommand = {
    items: [],
    printed: () => asked.items.map((item) => (item.type === 'output' ? item.text : '')).join(''),
    until: (condition) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (condition(asked)) resolve();
          else if (isOver) reject(new Error(`it is over: ${JSON.stringify(asked.items)}`));
          else return;
          watchers = watchers.filter((each) => each !== look);
        };
        watchers.push(look);
        look();
      }),
    leave: () => left.abort(),
    over: Promise.resolve([]),
  };
  asked.over = follow();
  return asked;
}

/** Command lines in a container, as Docker itself shows them. */
export async function processesIn(container: string): Promise<string[]> {
  const { Processes }: { Processes: string[][] } = await new Docker().getContainer(container).top();
  return Processes.map((columns) => columns.at(-1) ?? '');
}

/** Resolves when no process in the container has the words any more, with the milliseconds that it took. */
export async function untilGone(container: string, words: string): Promise<number> {
  const beganMs = performance.now();
  while ((await processesIn(container)).some((line) => line.includes(words)));
  return performance.now() - beganMs;
}

/** All that the database has of commands and what they printed, as text. */
export async function storedOfCommands(): Promise<string[]> {
  const rows = await onDatabase(
    (sql) => sql<{ text: string }[]>`
      select j::text || coalesce(l::text, '') as text
      from agent_jobs j left join agent_job_lines l on l.job_id = j.id where j.kind = 'exec'`,
  );
  return rows.map(({ text }) => text);
}
