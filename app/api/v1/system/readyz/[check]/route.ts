import { getReadinessCheck } from '@/lib/http/operations/platform';
import { checkNames, readinessResponse } from '@/lib/http/readiness';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

export const GET = route(getReadinessCheck, ({ context, params }) => {
  const name = checkNames.find((each) => each === params.check);
  if (!name) {
    throw new AppError(
      'not_found',
      `There is no check "${params.check}"; the checks are ${checkNames.join(', ')}.`,
    );
  }
  return readinessResponse(context, [name]);
});
