import type { GraphStep } from './edges';
import { layOut } from './layout';

self.onmessage = (message: MessageEvent<GraphStep[]>) => {
  self.postMessage(layOut(message.data));
};
