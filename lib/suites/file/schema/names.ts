import { z } from 'zod';

const dnsLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Resolvers take a host name that is a number for an address: `1` is 0.0.0.1. */
const notAnAddress = /^(?!(?:\d+|0x[0-9a-f]+)$)/;
const profileNamePattern = /^[A-Za-z0-9][\w.-]{0,99}$/;

/** Tells whether a name can be a host name: 1 to 63 lower-case letters, digits and `-`, `-` neither first nor last. */
export function isDnsLabel(name: string): boolean {
  return dnsLabel.test(name);
}

/** Tells whether a step can have this id. */
export function isStepId(id: string): boolean {
  return dnsLabel.test(id) && notAnAddress.test(id);
}

/** Tells whether a profile can have this name. */
export function isProfileName(name: string): boolean {
  return profileNamePattern.test(name);
}

const form = '1 to 63 lower-case letters, digits and "-", not first or last';

export const suiteId = z.string(`expected an id: ${form}`).regex(dnsLabel);

export const stepId = z
  .string(`expected the id of a step: ${form}, and no mere number`)
  .regex(dnsLabel)
  .regex(notAnAddress);

export const alias = z.string(`expected an alias: ${form}`).regex(dnsLabel);

export const profileName = z
  .string('expected the name of a profile: letters, digits, ".", "_" and "-"')
  .regex(profileNamePattern);
