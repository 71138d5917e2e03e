import type { ImageBuild } from './image-build';

/** Says where an image comes from that is built: `built from api/Dockerfile, stage runtime`. */
export function describeBuild({ dockerfile, target }: ImageBuild): string {
  const from = dockerfile ?? "the suite's own text of a Dockerfile";
  return `built from ${from}${target === null ? '' : `, stage ${target}`}`;
}
