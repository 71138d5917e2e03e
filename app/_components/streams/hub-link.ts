import type { ToTab } from './hub';
import { keepLink } from './keep-link';
import { type HubLink, linkToPageHub } from './page-hub';

/**
 * Connects this tab with the hub: in a worker that all tabs of the browser share, else in one of the tabs. `onMessage`
 * gets `unknown` whenever the hub has become another one.
 */
export function linkToHub(onMessage: (message: ToTab) => void): HubLink {
  if (!('SharedWorker' in globalThis)) return linkToPageHub(onMessage);
  return keepLink({ openWorker, openPageHub: linkToPageHub }, onMessage);
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
