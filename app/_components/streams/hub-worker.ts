import { createStreamHub } from './hub';
import { requestSubscriptions } from './request-subscriptions';

const hub = createStreamHub({ connect: requestSubscriptions });

self.addEventListener('connect', (event) => {
  if (!(event instanceof MessageEvent)) return;
  for (const port of event.ports) {
    const tab = hub.attach((message) => port.postMessage(message));
    port.onmessage = ({ data }) => tab.receive(data);
  }
});
