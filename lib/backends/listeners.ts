interface Listener {
  address: string;
  port: number;
  isLoopback: boolean;
  isIpv6: boolean;
}

/** Docker's own resolver listens in each container. */
const engineResolver = '127.0.0.11';
const listening = '0A';
const maxPorts = 5;

/**
 * Why nothing answers at a port from outside, from the step's socket table: the lines of `/proc/net/tcp` and
 * `/proc/net/tcp6`. Null where something listens as it should.
 */
export function explainListeners(table: string, port: number): string | null {
  const all = table.split('\n').flatMap(parseListener);
  const here = all.filter((each) => each.port === port);
  if (here.length === 0) {
    const others = [...new Set(all.map((each) => each.port))].sort((a, b) => a - b);
    if (others.length === 0) return `nothing listens on any port of the step`;
    const shown = others.slice(0, maxPorts).join(', ');
    return `nothing listens on port ${port}, but on ${shown}${others.length > maxPorts ? ' and others' : ''}`;
  }
  if (here.every(({ isLoopback }) => isLoopback)) {
    const places = [...new Set(here.map(({ address }) => address))].join(' and ');
    return `something listens on port ${port}, but only on ${places}: let it listen on 0.0.0.0`;
  }
  if (here.every(({ isIpv6, isLoopback }) => isIpv6 || isLoopback)) {
    return `something listens on port ${port}, but only for IPv6, which an execution's network does not have: let it listen on 0.0.0.0`;
  }
  return null;
}

/** `  0: 0100007F:1F90 00000000:0000 0A …`, addresses in the byte order of the machine. */
function parseListener(line: string): Listener[] {
  const [, hex = '', port = '', state] =
    /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ ([0-9A-F]{2})/.exec(line) ?? [];
  if (state !== listening) return [];
  const isIpv6 = hex.length === 32;
  const address = isIpv6 ? ipv6Of(hex) : ipv4Of(hex);
  if (address === engineResolver) return [];
  const isLoopback = address.startsWith('127.') || address === '::1';
  return [{ address, port: Number.parseInt(port, 16), isLoopback, isIpv6 }];
}

function ipv4Of(hex: string): string {
  return (hex.match(/../g) ?? [])
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.');
}

/** Four words of four bytes each. Only the two that are told apart are written out. */
function ipv6Of(hex: string): string {
  if (/^0{32}$/.test(hex)) return '::';
  if (hex === '00000000000000000000000001000000') return '::1';
  // An IPv4 address in the form of an IPv6 one.
  if (hex.startsWith('0000000000000000FFFF0000')) return ipv4Of(hex.slice(24));
  return 'an IPv6 address';
}
