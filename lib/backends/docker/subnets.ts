import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';

/** An IPv4 range: first address as a number, and the length of its prefix. */
export interface Subnet {
  address: number;
  prefix: number;
}

/** Throws when the text is no IPv4 range such as `10.213.0.0/16`. */
export function parseSubnet(text: string): Subnet {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const numbers = (match ?? []).slice(1).map(Number);
  const prefix = numbers[4] ?? 33;
  const octets = numbers.slice(0, 4);
  if (octets.length !== 4 || octets.some((octet) => octet > 255) || prefix > 32) {
    throw new Error(`expected an IPv4 range such as 10.213.0.0/16, found ${text}`);
  }
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return { address: address - (address % sizeOf(prefix)), prefix };
}

export function formatSubnet({ address, prefix }: Subnet): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return `${octets.join('.')}/${prefix}`;
}

export function overlaps(one: Subnet, other: Subnet): boolean {
  return (
    one.address < other.address + sizeOf(other.prefix) && other.address < one.address + sizeOf(one.prefix)
  );
}

/** How many subnets of this prefix the pool holds, and how many of them nobody uses. */
export function headroom(
  pool: Subnet,
  prefix: number,
  used: readonly Subnet[],
): { free: number; all: number } {
  const all = sizeOf(pool.prefix) / sizeOf(prefix);
  const taken = new Set<number>();
  for (const subnet of used) {
    if (!overlaps(pool, subnet)) continue;
    const first = Math.max(0, Math.floor((subnet.address - pool.address) / sizeOf(prefix)));
    const last = Math.ceil((subnet.address + sizeOf(subnet.prefix) - pool.address) / sizeOf(prefix));
    for (let position = first; position < Math.min(all, last); position += 1) taken.add(position);
  }
  return { free: all - taken.size, all };
}

/**
 * The pool's subnets that overlap with none of the used ones, from a place that depends on the seed: processes
 * that choose at the same time seldom choose the same.
 */
export function* freeSubnets(
  pool: Subnet,
  prefix: number,
  used: readonly Subnet[],
  seed: string,
): Generator<Subnet> {
  const all = sizeOf(pool.prefix) / sizeOf(prefix);
  const near = used.filter((subnet) => overlaps(pool, subnet));
  const start = hash(seed) % Math.max(1, all);
  for (let step = 0; step < all; step += 1) {
    const subnet = { address: pool.address + ((start + step) % all) * sizeOf(prefix), prefix };
    if (!near.some((other) => overlaps(subnet, other))) yield subnet;
  }
}

/** What this machine's interfaces and routes use, the default route left out. */
export async function hostSubnets(): Promise<Subnet[]> {
  const addresses = Object.values(networkInterfaces())
    .flat()
    .flatMap((each) => (each?.family === 'IPv4' && each.cidr ? [parseSubnet(each.cidr)] : []));
  return [...addresses, ...(await hostRoutes())];
}

async function hostRoutes(): Promise<Subnet[]> {
  // Only Linux has the file; elsewhere Docker's networks are inside a virtual machine.
  const table = await readFile('/proc/net/route', 'utf8').catch(() => '');
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.split('\t');
      const mask = littleEndian(fields[7] ?? '');
      if (fields.length < 8 || mask === 0) return [];
      const prefix = 32 - Math.log2(2 ** 32 - mask);
      return [{ address: littleEndian(fields[1] ?? ''), prefix }];
    });
}

function littleEndian(hex: string): number {
  return (hex.match(/../g) ?? []).reverse().reduce((sum, byte) => sum * 256 + Number.parseInt(byte, 16), 0);
}

function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}

function hash(text: string): number {
  let value = 2_166_136_261;
  for (const character of text) value = Math.imul(value ^ character.charCodeAt(0), 16_777_619) >>> 0;
  return value;
}
