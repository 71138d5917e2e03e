import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/**
 * Makes the headers of a request say only what is known of where it comes from. `x-forwarded-for` becomes the address of
 * the client: that of the connection, or, when a trusted proxy has the connection, the last one that no trusted proxy
 * has. From anyone else `x-forwarded-host`, `x-forwarded-proto` and `forwarded` are dropped.
 */
export type TrustProxies = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => void;

/** `proxies`: addresses, or ranges such as `10.0.0.0/8`. */
export function createTrustProxies(proxies: readonly string[]): TrustProxies {
  const list = new BlockList();
  for (const each of proxies) {
    const [address = '', bits] = each.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

  return ({ headers, socket }) => {
    let client = plainAddress(socket.remoteAddress ?? '');
    if (isTrusted(client)) {
      const told = String(headers['x-forwarded-for'] ?? '')
        .split(',')
        .map((each) => each.trim());
      while (isTrusted(client)) {
        const before = told.pop();
        if (before === undefined || isIP(before) === 0) break;
        client = plainAddress(before);
      }
    } else {
      delete headers['x-forwarded-host'];
      delete headers['x-forwarded-proto'];
      delete headers.forwarded;
    }
    headers['x-forwarded-for'] = client;
  };
}

/** An IPv4 client of a socket for IPv6 too. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
