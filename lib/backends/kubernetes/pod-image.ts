import type { ImageFacts } from '../../model/image-facts';
import { containerOf, mainContainer, type Pod } from './objects';

/** The image that the step's container ran: runtimes tell either where a registry has it or its id, and no platform. */
export function imageIn(pod: Pod, name: string): { image?: ImageFacts } {
  const told = containerOf(pod, mainContainer)?.imageID.replace(/^[a-z-]+:\/\//, '') ?? '';
  if (told === '') return {};
  const isDigest = told.includes('@');
  return { image: { name, id: isDigest ? null : told, digest: isDigest ? told : null, platform: null } };
}
