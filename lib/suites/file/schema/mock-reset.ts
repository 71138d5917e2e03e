import { z } from 'zod';
import { mockReset } from '../../../model/mock-reset';

const methods = mockReset.shape.method.options;
const form = new RegExp(`^(${methods.join('|')}) ([1-9]\\d{0,4})?(/[^\\s#]*)$`);

/** The request that resets a mock; `port` is null for the first of its ports. */
export const reset = z.strictObject({
  http: z
    .string()
    .regex(
      form,
      'expected a method and a path such as "POST /__reset", or "POST 9000/__reset" for another port than the first',
    )
    .transform((source) => {
      const [, method, port, path = '/'] = form.exec(source) ?? [];
      return {
        method: mockReset.shape.method.catch('POST').parse(method),
        port: port === undefined ? null : Number(port),
        path,
      };
    })
    .meta({
      description: 'The request. Any answer of the 200s counts.',
      examples: ['POST /__reset', 'DELETE 9000/requests'],
    }),
});
