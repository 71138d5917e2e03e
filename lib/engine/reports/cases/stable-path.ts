/** The package's folder on every backend: `/suite`, or one that is named for the package's digest. */
const packageFolder = /(?:\/[^\s/:]+)*\/sha256-[0-9a-f]{64}\/|(?<![\w/.-])\/suite\//g;

/** A file below the package as its path in there, so that it is the same on every backend and in every run. */
export function stablePath(file: string): string {
  return stableName(file.replaceAll('\\', '/')).replace(/^\.\//, '');
}

/** The same for a name that has a path in it. */
export function stableName(name: string): string {
  return name.includes('/') ? name.replace(packageFolder, '') : name;
}
