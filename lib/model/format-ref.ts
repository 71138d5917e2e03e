import type { DependencyRef } from './dependency';

/** One spelling for each ref, which `dependencies.yaml` takes too. */
export function formatRef(ref: DependencyRef): string {
  switch (ref.type) {
    case 'suite':
      return `${ref.name}:${ref.version}`;
    case 'git':
      return `${ref.url}${ref.path === null ? '' : `?path=${ref.path}`}#${ref.revision}`;
    case 'oci':
      return `oci://${ref.host}/${ref.repository}@${ref.digest}`;
  }
}
