import { BlockList, isIP } from 'node:net';
import type { ProxySettings } from '../model/outgoing-settings';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** The proxy for a host; null: the connection is made directly, as it always is to this machine. */
export function proxyFor(
  { httpProxy, httpsProxy, noProxy }: ProxySettings,
  { isSecure, host, port }: { isSecure: boolean; host: string; port: number },
): string | null {
  const proxy = isSecure ? httpsProxy : httpProxy;
  if (proxy === null || isLocal(host)) return null;
  const isExcepted = noProxy.split(/[\s,]+/).some((entry) => entry !== '' && fits(entry, host, port));
  return isExcepted ? null : proxy;
}

function isLocal(host: string): boolean {
  if (isIP(host) !== 0) return loopback.check(host, familyOf(host));
  return host === 'localhost' || host.endsWith('.localhost');
}

function fits(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  const [, address, bits] = /^\[?([\da-f.:]+?)\]?(?:\/(\d+))?$/i.exec(entry) ?? [];
  if (address !== undefined && isIP(address) !== 0) return isInRange(host, address, bits);
  const [, name = '', only] = /^(?:\*?\.)?(.+?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
  if (only !== undefined && Number(only) !== port) return false;
  return host === name || host.endsWith(`.${name}`);
}

function isInRange(host: string, address: string, bits: string | undefined): boolean {
  if (isIP(host) === 0) return false;
  const length = Number(bits ?? (isIP(address) === 6 ? 128 : 32));
  if (length > (isIP(address) === 6 ? 128 : 32)) return false;
  const range = new BlockList();
  range.addSubnet(address, length, familyOf(address));
  return range.check(host, familyOf(host));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
