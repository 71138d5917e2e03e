import { createStreamHub } from './hub';
import { requestTopics } from './request-topics';

const hub = createStreamHub({ connect: requestTopics });

self.addEventListener('connect', (event) => {
  if (!(event instanceof MessageEvent)) return;
  for (const port of event.ports) {
    const tab = hub.attach((message) => port.postMessage(message));
    port.onmessage = ({ data }) => tab.receive(data);
  }
});
