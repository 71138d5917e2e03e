import { expect, it } from 'vitest';
import { readEnvLines } from '@/app/_components/env-lines';

it('reads the lines of an env file, without quotes and comments', () => {
  const text = '# of the shop\nexport REGION=north\n\nURL="http://shop:80/?a=b"\r\nEMPTY=\nODD=\'it"s\'\n';
  expect(readEnvLines(text)).toEqual([
    { name: 'REGION', value: 'north' },
    { name: 'URL', value: 'http://shop:80/?a=b' },
    { name: 'EMPTY', value: '' },
    { name: 'ODD', value: 'it"s' },
  ]);
});

it.each(['REGION', 'two words=1', 'A=1\nand then some text', ''])('takes %j for no env file', (text) => {
  expect(readEnvLines(text)).toBeNull();
});
