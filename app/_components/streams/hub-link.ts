import type { HubLink, ToHub, ToTab } from './hub';
import { keepLink } from './keep-link';

const tryAgainMs = 3_000;

/**
 * Connects this tab with the hub: in a worker that all tabs of the browser share, else in one of the tabs. `onMessage`
 * gets `unknown` whenever the hub has become another one.
 */
export function linkToHub(onMessage: (message: ToTab) => void): HubLink {
  if (!('SharedWorker' in globalThis)) return openPageHub(onMessage);
  return keepLink({ openWorker, openPageHub }, onMessage);
}

function openWorker(on: { message(message: ToTab): void; error(): void }) {
  const worker = new SharedWorker(new URL('./hub-worker.ts', import.meta.url), {
    type: 'module',
    name: 'gantry-streams',
  });
  worker.port.onmessage = ({ data }) => on.message(data);
  worker.onerror = on.error;
  return {
    post: (message: object) => worker.port.postMessage(message),
    close() {
      worker.port.onmessage = null;
      worker.onerror = null;
      worker.port.close();
    },
  };
}

/** The hub in a page is loaded by the few browsers that need it. What is sent to it meanwhile waits. */
function openPageHub(onMessage: (message: ToTab) => void): HubLink {
  const waiting: ToHub[] = [];
  let hub: HubLink | null = null;
  const load = () =>
    import('./page-hub').then(
      ({ linkToPageHub }) => {
        hub = linkToPageHub(onMessage);
        for (const message of waiting.splice(0)) hub.post(message);
      },
      // The server is away: streams wait for it too.
      () => setTimeout(load, tryAgainMs),
    );
  void load();
  return {
    post(message) {
      if (hub) hub.post(message);
      else waiting.push(message);
    },
  };
}
