import type { HubLink, ToTab } from './hub';
import { pingMs } from './ping';

interface Hubs {
  /** Connects with the worker that all tabs share, and starts it if there is none. */
  openWorker(on: { message(message: ToTab): void; error(): void }): HubLink & { close(): void };
  openPageHub(onMessage: (message: ToTab) => void): HubLink;
}

/** A worker pings a new tab at once, and answers `hello`. */
const answerMs = 10_000;

/**
 * A link to a hub that is alive. Browsers do not report that a worker has ended or cannot load a part of itself. So one
 * that is silent for three pings, and then does not answer either, is given up: for a new one if it had been well, as when
 * the browser has ended it, else for the hub in a page. `onMessage` gets `unknown` after each change.
 */
export function keepLink({ openWorker, openPageHub }: Hubs, onMessage: (message: ToTab) => void): HubLink {
  function connect(): HubLink {
    let wasHeard = false;
    let isAsked = true;
    let timer = setTimeout(onSilence, answerMs);
    const worker = openWorker({
      message(message) {
        wasHeard = true;
        isAsked = false;
        restart(3 * pingMs);
        onMessage(message);
      },
      // Its script is gone, as after an update of the server, or is not allowed.
      error: () => leave(() => openPageHub(onMessage)),
    });

    function restart(ms: number): void {
      clearTimeout(timer);
      timer = setTimeout(onSilence, ms);
    }

    /** In a tab that was frozen the timer may be earlier than the messages that wait. */
    function onSilence(): void {
      if (isAsked) leave(wasHeard ? connect : () => openPageHub(onMessage));
      else {
        isAsked = true;
        worker.post({ type: 'hello' });
        restart(answerMs);
      }
    }

    /** What was sent to the worker may be lost, or may come to it late. */
    function leave(open: () => HubLink): void {
      clearTimeout(timer);
      worker.post({ type: 'bye' });
      worker.close();
      link = open();
      onMessage({ type: 'unknown' });
    }

    return worker;
  }

  let link = connect();
  return { post: (message) => link.post(message) };
}
