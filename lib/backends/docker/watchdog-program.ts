/**
 * What the watchdog runs, in Node and on Docker's socket alone: waits for the deadline, which the file
 * `/tmp/deadline` moves, then removes what carries both labels and itself last. It says each thing that it does.
 */
export const watchdogProgram = `
const { request } = require('node:http');
const { readFileSync } = require('node:fs');
const { INSTALLATION, EXECUTION, DEADLINE, SELF } = process.env;
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const labels = ['gantry.installation=' + INSTALLATION, 'gantry.execution=' + EXECUTION];
const filters = encodeURIComponent(JSON.stringify({ label: labels }));
const call = (method, path) => new Promise((resolve, reject) => {
  const sent = request({ socketPath: '/docker.sock', method, path }, (answer) => {
    let text = '';
    answer.on('data', (chunk) => { text += chunk; });
    answer.on('end', () => resolve({ status: answer.statusCode, text }));
  });
  sent.on('error', reject);
  sent.end();
});
const list = async (path) => JSON.parse((await call('GET', path)).text);
const remove = async (path) => {
  const { status } = await call('DELETE', path);
  console.log('DELETE ' + path + ' ' + status);
};
const deadline = () => {
  try { return readFileSync('/tmp/deadline', 'utf8').trim(); } catch { return DEADLINE; }
};
async function removeAll() {
  const containers = await list('/containers/json?all=1&filters=' + filters);
  const others = containers.filter(({ Names }) => !Names.includes('/' + SELF));
  for (const { Id } of others) await remove('/containers/' + Id + '?force=1&v=1');
  const networks = await list('/networks?filters=' + filters);
  for (const { Id } of networks) await remove('/networks/' + Id);
  const { Volumes } = await list('/volumes?filters=' + filters);
  for (const { Name } of Volumes ?? []) await remove('/volumes/' + Name);
  return others.length + networks.length + (Volumes ?? []).length === 0;
}
async function main() {
  let known = '';
  for (;;) {
    const now = deadline();
    if (now !== known) console.log('deadline ' + now);
    known = now;
    const leftMs = Date.parse(now) - Date.now();
    // What cannot be read as a time is never over.
    if (leftMs <= 0) break;
    sleep(Math.min(leftMs || 5000, 5000));
  }
  for (;;) {
    try {
      if (await removeAll()) break;
    } catch (error) {
      console.log(String(error));
    }
    sleep(1000);
  }
  await remove('/containers/' + SELF + '?force=1&v=1');
}
main();
`;
