import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const privateAddresses = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  privateAddresses.addSubnet(network, bits);
}
for (const [network, bits] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  privateAddresses.addSubnet(network, bits, 'ipv6');
}

const localAddresses = new BlockList();
localAddresses.addSubnet('0.0.0.0', 8);
localAddresses.addSubnet('127.0.0.0', 8);
localAddresses.addSubnet('169.254.0.0', 16);
localAddresses.addAddress('::', 'ipv6');
localAddresses.addAddress('::1', 'ipv6');
localAddresses.addSubnet('fe80::', 10, 'ipv6');

/**
 * Where a call may go. `remote`: not to this machine itself, nor to what its cloud has for it alone. `public`: to an
 * address of the public internet.
 */
export type AddressPolicy = 'any' | 'remote' | 'public';

/** Whether an IP address is this machine itself, or a service that its cloud has for it alone. */
export function isLocalAddress(address: string): boolean {
  return localAddresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Whether an IP address is not of the public internet; one of IPv4 in the form of IPv6 counts as what it is. */
export function isPrivateAddress(address: string): boolean {
  return privateAddresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** The sentence for an address to which no call goes; null where it may. */
export function refusalOf(policy: AddressPolicy, host: string, address: string): string | null {
  const isRefused = { any: () => false, remote: isLocalAddress, public: isPrivateAddress }[policy];
  if (!isRefused(address)) return null;
  const found = host === address ? host : `${host} leads to ${address}, which`;
  const what =
    policy === 'public' ? 'is not an address of the public internet' : 'belongs to this machine itself';
  return `${found} ${what}. GANTRY_ALLOW_PRIVATE_ADDRESSES=1 allows it.`;
}

/**
 * Resolves names for a connection, and fails where any of a name's addresses is refused. The connection is made to what
 * was checked: a name that is answered differently the next time gains nothing.
 */
export function lookupWithin(policy: AddressPolicy): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      for (const { address } of addresses) {
        const refusal = refusalOf(policy, host, address);
        if (refusal !== null) return callback(new Error(refusal), '', 0);
      }
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      if (first) callback(null, first.address, first.family);
      else callback(new Error(`${host} has no address.`), '', 0);
    });
  };
}
