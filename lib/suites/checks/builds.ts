import type { SuiteFile } from '../../model/suite';
import { type AddIssue, quote } from '../file/issue';
import type { StepOutline } from './outline';

/** Checks that a step says only once what its image is, and that the files of its build are in the package. */
export function checkBuilds(steps: readonly StepOutline[], files: readonly SuiteFile[], add: AddIssue): void {
  const paths = new Set(files.map(({ path }) => path));
  for (const { id, hasImage, build, hasTwoDockerfiles } of steps) {
    if (build === null) continue;
    const at = ['steps', id, 'build'];
    if (hasImage) add(at, 'expected "image" or "build", found both: the build makes the image', 'key');
    if (hasTwoDockerfiles) {
      add([...at, 'dockerfile'], 'expected "dockerfile" or "dockerfile_inline", found both', 'key');
    }
    if (build.dockerfile !== null && !paths.has(build.dockerfile)) {
      add(at, `expected a Dockerfile in the suite's folder, found none at ${quote(build.dockerfile)}`);
    }
  }
}
