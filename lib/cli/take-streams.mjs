/**
 * A route answers with a stream by its name in a header (see `lib/http/sse-desk.ts`). When such an answer, which has
 * no body of its own, is ended, the raw response goes to the desk instead. Plain JavaScript for `serve.mjs`.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {() => Promise<Pick<import('../http/sse-desk').SseDesk, 'send'>>} findDesk
 */
export function takeStreams(request, response, findDesk) {
  const { writeHead, write, end } = response;
  let name = '';
  const take = () => {
    const header = response.getHeader('x-gantry-stream');
    if (header === undefined) return;
    name = String(header);
    response.removeHeader('x-gantry-stream');
  };
  // Next's compression has the head written before it ends an answer.
  response.writeHead = (...given) => {
    take();
    return Reflect.apply(writeHead, response, given);
  };
  response.end = (...given) => {
    if (!response.headersSent) take();
    Object.assign(response, { writeHead, write, end });
    if (!name || request.method === 'HEAD') return Reflect.apply(end, response, given);
    findDesk().then(
      (desk) => desk.send(name, response),
      () => response.destroy(),
    );
    return response;
  };
}
