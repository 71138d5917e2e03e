import type { ToTab } from './hub';
import { type HubLink, linkToPageHub } from './page-hub';

/**
 * Connects this tab with the hub: in a worker that all tabs of the browser share, else in one of the tabs. `onMessage`
 * gets `unknown` whenever the hub has become another one.
 */
export function linkToHub(onMessage: (message: ToTab) => void): HubLink {
  if (!('SharedWorker' in globalThis)) return linkToPageHub(onMessage);
  let link: HubLink | null = null;
  const worker = new SharedWorker(new URL('./hub-worker.ts', import.meta.url), {
    type: 'module',
    name: 'gantry-streams',
  });
  worker.port.onmessage = ({ data }) => onMessage(data);
  // Its script is gone, as after an update of the server, or is not allowed.
  worker.onerror = () => {
    link ??= linkToPageHub(onMessage);
  };
  return { post: (message) => (link ? link.post(message) : worker.port.postMessage(message)) };
}
