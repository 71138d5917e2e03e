import { BlockList, isIP } from 'node:net';

const near = new BlockList();
near.addSubnet('0.0.0.0', 8);
near.addSubnet('127.0.0.0', 8);
near.addSubnet('169.254.0.0', 16);
near.addAddress('::', 'ipv6');
near.addAddress('::1', 'ipv6');
near.addSubnet('fe80::', 10, 'ipv6');

/** Whether an IP address is this machine itself, or a service that its cloud has for it alone. */
export function isNear(address: string): boolean {
  return near.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

export function whyRefused(server: string, address: string): string {
  return `The server ${new URL(server).origin} leads to ${address}, which belongs to this machine itself. GANTRY_ALLOW_PRIVATE_ADDRESSES=1 allows it.`;
}
