import type { IncomingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '@/lib/config';
import { createTrustProxies } from '@/lib/http/trusted-proxies';

function clean(proxies: string[], remoteAddress: string, headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress });
  createTrustProxies(proxies)({ headers, socket });
  return headers;
}

const forged = { 'x-forwarded-for': '6.6.6.6', 'x-forwarded-host': 'evil.example', forwarded: 'for=6.6.6.6' };

describe('where a request comes from', () => {
  it('is its connection, whatever it says, without trusted proxies', () => {
    expect(clean([], '::ffff:10.0.0.7', { ...forged, 'x-forwarded-proto': 'https' })).toEqual({
      'x-forwarded-for': '10.0.0.7',
    });
  });

  it.each([
    ['6.6.6.6', '6.6.6.6'],
    ['6.6.6.6, 1.2.3.4', '1.2.3.4'],
    ['6.6.6.6, 1.2.3.4, 10.0.0.9', '1.2.3.4'],
    ['10.0.0.8', '10.0.0.8'],
    ['not an address', '10.0.0.7'],
    ['', '10.0.0.7'],
    ['2001:db8::1', '2001:db8::1'],
  ])('is what the last proxy that is trusted says: %s', (told, client) => {
    const headers = { 'x-forwarded-for': told, 'x-forwarded-host': 'gantry.example' };
    expect(clean(['10.0.0.0/8'], '10.0.0.7', headers)).toEqual({
      'x-forwarded-for': client,
      'x-forwarded-host': 'gantry.example',
    });
  });

  it('may be a proxy of IPv6', () => {
    expect(clean(['fd00::/8'], 'fd00::1', { ...forged })['x-forwarded-for']).toBe('6.6.6.6');
  });

  it('has proxies that are addresses or ranges, or the setting is wrong', () => {
    const of = (text: string) => loadConfig({ GANTRY_TRUSTED_PROXIES: text }, '/srv').trustedProxies;
    expect(of('10.0.0.0/8, ::1')).toEqual(['10.0.0.0/8', '::1']);
    for (const text of ['proxy.example', '10.0.0.0/33', '10.0.0.0/', '*']) {
      expect(() => of(text)).toThrow('GANTRY_TRUSTED_PROXIES');
    }
  });
});
