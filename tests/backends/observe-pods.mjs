import { request } from 'node:https';
import { parentPort, workerData } from 'node:worker_threads';

// Tells when the cluster says that a pod's program runs, in a thread of its own: a busy event loop must not delay it.
const { url, ca, cert, key } = workerData;
const known = new Set();

request(url, { ca, cert, key }, (response) => {
  let rest = '';
  response.setEncoding('utf8');
  parentPort.postMessage('watching');
  response.on('data', (chunk) => {
    const atMs = Date.now();
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines.filter(Boolean)) {
      const { metadata, status } = JSON.parse(line).object;
      const main = status?.containerStatuses?.find(({ name }) => name === 'main')?.state;
      if (known.has(metadata.name) || !(main?.running ?? main?.terminated)) continue;
      known.add(metadata.name);
      parentPort.postMessage({
        name: metadata.name,
        atMs,
        createdAt: metadata.creationTimestamp,
        startedAt: (main.running ?? main.terminated).startedAt,
      });
    }
  });
}).end();
