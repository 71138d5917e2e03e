/**
 * A reference to an image by the grammar of registries: a host and its port, a path in lower case, a tag, a digest; all
 * but the path may be missing. Source: github.com/distribution/reference, `regexp.go`.
 */
export const imageReference =
  /^(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?\/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,128})?$/;

/** The host of the registry that an image comes from; one without is of Docker Hub. */
export function registryOf(image: string): string {
  const [first = ''] = image.split('/', 1);
  if (!image.includes('/') || !/[.:]|^localhost$/.test(first)) return 'docker.io';
  return first === 'index.docker.io' || first === 'registry-1.docker.io' ? 'docker.io' : first;
}

/** The full repository of an image without tag and digest: `docker.io/library/nginx` for `nginx:1`. */
export function repositoryOf(image: string): string {
  const host = registryOf(image);
  const bare = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  const [first = ''] = bare.split('/', 1);
  const path = bare.includes('/') && /[.:]|^localhost$/.test(first) ? bare.slice(first.length + 1) : bare;
  return `${host}/${host === 'docker.io' && !path.includes('/') ? 'library/' : ''}${path}`;
}
