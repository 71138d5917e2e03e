import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { isLocalAddress, isPrivateAddress, lookupWithin } from '@/lib/outgoing/address-policy';

it.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '::1',
  '::',
  'fd00::1',
  'fe80::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
])('is no address of the public internet: %s', (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])(
  'is an address of the public internet: %s',
  (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  },
);

it('refuses a name after it is resolved', async () => {
  const lookup = promisify(lookupWithin('public'));
  await expect(lookup('localhost', {})).rejects.toThrow(
    /^localhost leads to (127\.0\.0\.1|::1), which is not/,
  );
});

it('refuses this machine, and no neighbour, to a call that may go to any other machine', async () => {
  for (const address of ['127.0.0.1', '0.0.0.0', '169.254.169.254', '::1', '::ffff:127.0.0.1'])
    expect(isLocalAddress(address), address).toBe(true);
  for (const address of ['10.1.2.3', '192.168.1.1', '8.8.8.8', 'fd00::1'])
    expect(isLocalAddress(address), address).toBe(false);
  await expect(promisify(lookupWithin('remote'))('localhost', {})).rejects.toThrow(
    /^localhost leads to (127\.0\.0\.1|::1), which belongs to this machine itself/,
  );
});
