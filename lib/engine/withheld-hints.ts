import {
  allowedCapabilities,
  type Capability,
  dockerCapabilities,
  type Hardening,
  shareCapabilities,
  standardCapabilities,
} from '../model/hardening';
import type { PlannedNode } from '../model/node';

const refusal = /operation not permitted|permission denied|must be (run as )?root|\bEPERM\b|\bEACCES\b/i;

const mustBeRoot = /must be (run as )?root/i;

/** Words by which a refused line tells the capability that it takes. */
const signs: Partial<Record<Capability, RegExp>> = {
  CHOWN: /\bl?f?chown|ownership/i,
  FOWNER: /\bf?chmod|changing permissions/i,
  SETUID: /setuid|setresuid|seteuid|switch(ing)? (user|to)|\bset user/i,
  SETGID: /setgid|setresgid|setegid|groups\b|switch(ing)? (user|to)/i,
  SETPCAP: /bounding set|\bcapset\b/i,
  NET_BIND_SERVICE: /\bbind(ing)?\b/i,
  KILL: /\bkill\b/i,
  SYS_CHROOT: /\bchroot/i,
  NET_RAW: /\bping\b|\bicmp|raw socket|packet socket|\bcapture\b/i,
  MKNOD: /\bmknod/i,
  AUDIT_WRITE: /\baudit/i,
  SETFCAP: /\bsetcap\b|file capabilit/i,
};

/** What the last lines of a step tell about its bad end, and what to do about it. */
export interface Hint {
  sentence: string;
  advice: { sentence: string; key: string };
}

/**
 * Names the capabilities that a step was refused something for, as far as its last lines tell, and the keys that give
 * them; null when it was refused nothing, or nothing was withheld that explains it.
 */
export function explainWithheld(
  { capabilities, container }: PlannedNode,
  texts: readonly string[],
  level: Hardening,
): Hint | null {
  const refused = texts.filter((text) => refusal.test(text));
  if (refused.length === 0) return null;
  const { given } = shareCapabilities(level, capabilities);
  const withheld = dockerCapabilities.filter((name) => !given.includes(name));
  const named = withheld.filter((name) => refused.some((text) => signs[name]?.test(text)));
  // Hardly any program needs the others, and files that it must not read are refused everywhere.
  const missing = named.length > 0 ? named : withheld.filter((name) => standardCapabilities.includes(name));
  if (missing.length === 0) return wantsRoot(container, refused);
  const names = missing.join(', ');
  const which = missing.length === 1 ? 'this capability is' : 'these capabilities are';
  return {
    sentence: `it was refused something, and ${which} withheld from it: ${names}; ${remedy(missing, capabilities === 'none', level)}`,
    advice: { sentence: instruction(missing, capabilities === 'none', level), key: 'capabilities' },
  };
}

function instruction(missing: readonly Capability[], isNone: boolean, level: Hardening): string {
  if (isNone) return 'leave `capabilities: none` out';
  const allowed = allowedCapabilities(level);
  const asked = missing.filter((name) => allowed.includes(name));
  return asked.length === 0
    ? 'run it on a backend with `hardening: standard`'
    : `give it \`capabilities: [${asked.join(', ')}]\``;
}

function wantsRoot({ user }: PlannedNode['container'], refused: readonly string[]): Hint | null {
  if (!refused.some((text) => mustBeRoot.test(text))) return null;
  const sentence = `it wants to be root, and runs as ${user === null ? 'the user of its image' : user}: \`user: root\` makes it root`;
  return { sentence, advice: { sentence: 'make it root with `user: root`', key: 'user' } };
}

function remedy(missing: readonly Capability[], isNone: boolean, level: Hardening): string {
  if (isNone) return 'leave `capabilities: none` out';
  const allowed = allowedCapabilities(level);
  const asked = missing.filter((name) => allowed.includes(name));
  const byStep = `\`capabilities: [${asked.join(', ')}]\` in the step`;
  if (level === 'standard') return `${byStep} gives ${missing.length === 1 ? 'it' : 'them'}`;
  if (asked.length === 0) return 'a backend with `hardening: standard` gives what a step asks for of these';
  const which = asked.length === missing.length ? '' : ' those';
  return `${byStep} gives${which || (missing.length === 1 ? ' it' : ' them')}, a backend with \`hardening: standard\` gives all that images usually need`;
}
