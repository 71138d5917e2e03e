import { formatRef } from '../model/dependency';
import { AppError } from '../model/errors';
import type { SuiteCatalog } from '../suites/catalog';
import { findInCatalog } from './find-in-catalog';
import type { DependencyFinder } from './finder';

/** Finds suites below the roots. */
export function createFinder({ catalog }: { catalog: SuiteCatalog }): DependencyFinder {
  return {
    async find(ref) {
      if (ref.type === 'suite') {
        const entry = await findInCatalog(catalog, ref);
        if (entry) return { entry, resolved: formatRef(ref) };
        throw new AppError('dependency_invalid', `there is no suite ${ref.name} below the suite roots`);
      }
      throw new AppError('dependency_invalid', `${formatRef(ref)} cannot be fetched`);
    },
  };
}
