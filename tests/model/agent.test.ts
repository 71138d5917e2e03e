import { expect, it } from 'vitest';
import { isSince } from '@/lib/model/agent';

it('knows which version of an agent is new enough', () => {
  const known = ['0.2.0', '0.3', '0.10.1', '1.0.0', '0.1.9', 'plain client', ''];
  expect(known.filter((version) => isSince(version, '0.3'))).toEqual(['0.3', '0.10.1', '1.0.0']);
  expect(known.filter((version) => isSince(version, '0.2'))).toEqual(['0.2.0', '0.3', '0.10.1', '1.0.0']);
});
