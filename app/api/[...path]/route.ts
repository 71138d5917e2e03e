import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

/** What no other route answers: in the API's own words, not as a page. */
const answer = route({ access: 'viewer' }, async ({ request }) => {
  throw new AppError(
    'not_found',
    `There is no ${request.method} ${new URL(request.url).pathname} in this API.`,
  );
});

export { answer as DELETE, answer as GET, answer as OPTIONS, answer as PATCH, answer as POST, answer as PUT };
