import { type GraphStep, layOut } from './layout';

self.onmessage = (message: MessageEvent<GraphStep[]>) => {
  self.postMessage(layOut(message.data));
};
