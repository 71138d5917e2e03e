import { z } from 'zod';
import { hardeningLevels } from './hardening-levels';

export const hardening = z.enum(hardeningLevels);
export type Hardening = z.infer<typeof hardening>;

/** The capabilities that Docker gives to a container by itself, and the only ones that a step can ever have. */
export const dockerCapabilities = [
  ...(['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETGID', 'SETUID', 'SETPCAP'] as const),
  ...(['NET_BIND_SERVICE', 'KILL', 'SYS_CHROOT'] as const),
  ...(['NET_RAW', 'MKNOD', 'AUDIT_WRITE', 'SETFCAP'] as const),
] as const;
export type Capability = (typeof dockerCapabilities)[number];

/** The capabilities with which the entry points of well-known images change owners, step down and bind ports. */
export const standardCapabilities: readonly Capability[] = dockerCapabilities.slice(0, 10);

/** The capabilities that a step may ask for where its backend is strict. */
export const strictCapabilities: readonly Capability[] = [
  ...(['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETUID', 'SETGID', 'NET_BIND_SERVICE', 'KILL'] as const),
];

/** The `capabilities` of a step: those to add, or `none` to drop the default ones too. */
export const requestedCapabilities = z.union([z.literal('none'), z.array(z.string())]);
export type RequestedCapabilities = z.infer<typeof requestedCapabilities>;

/** Tells the capabilities that a step gets, and those that it asks for in vain. */
export function shareCapabilities(
  level: Hardening,
  asked: RequestedCapabilities,
): { given: Capability[]; refused: string[] } {
  if (asked === 'none') return { given: [], refused: [] };
  const names = asked.map((name) => name.toUpperCase().replace(/^CAP_/, ''));
  const allowed = allowedCapabilities(level);
  const given = new Set<Capability>(level === 'standard' ? standardCapabilities : []);
  for (const capability of allowed) if (names.includes(capability)) given.add(capability);
  // A program that may become somebody else could not be stopped by its parent any more.
  if (given.has('SETUID')) given.add('KILL');
  const refused = names.filter((name) => !allowed.some((capability) => capability === name));
  return { given: dockerCapabilities.filter((name) => given.has(name)), refused };
}

/** The capabilities that a step may ask for. */
export function allowedCapabilities(level: Hardening): readonly Capability[] {
  return level === 'standard' ? dockerCapabilities : strictCapabilities;
}
